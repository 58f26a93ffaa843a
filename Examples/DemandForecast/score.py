"""Scores forecasts of a panel's test rows: WAPE, coverage and pinball loss by level, over a rolling origin.

pip install pandas pyarrow
motet predict runs/demand_retail --input data/demand_retail/test.parquet --output data/retail-predictions.parquet
python Examples/DemandForecast/score.py data/demand_retail/test.parquet data/retail-predictions.parquet

Every series, origin and period after it of the test is one forecast. `naive` is the last season (the week before for days; for
weeks the last known week where the log has no year before); `mean` the mean of the last 8 weeks or 28 days. `bottom up` adds the
items' forecasts to those of categories and of the total, as `POST /v1/forecast` does.
"""

import sys

import numpy
import pandas

LEVELS = {"q10": 0.1, "q50": 0.5, "q90": 0.9}


def scores(rows, mean, quantiles=None):
    """One line of the table: WAPE, bias, and of the quantiles the share not exceeded and the pinball loss over the mean units."""
    units = rows.units.to_numpy(float)
    line = {"WAPE": abs(units - mean).sum() / units.sum(), "bias": (mean - units).sum() / units.sum()}
    for name, level in LEVELS.items() if quantiles is not None else []:
        error = units - quantiles[name]
        line[name] = (error <= 0).mean()
        line[name + " loss"] = numpy.maximum(level * error, (level - 1) * error).sum() / units.sum()
    if quantiles is not None:
        line["in 80 %"] = ((units >= quantiles["q10"]) & (units <= quantiles["q90"])).mean()
    return line


def main(test, predictions):
    rows = pandas.read_parquet(test)
    made = pandas.read_parquet(predictions)
    scale = rows.scale.to_numpy(float)
    rows["mean"] = made["demand"].to_numpy(float) * scale
    crossed = numpy.stack([made["demand_" + name].to_numpy(float) for name in LEVELS], axis=1)
    # Rearranged, as the server does: Chernozhukov, Fernandez-Val and Galichon (2010).
    ordered = numpy.sort(numpy.maximum(crossed, 0), axis=1)
    for place, name in enumerate(LEVELS):
        rows[name] = ordered[:, place] * scale
    rows["recent"] = rows[[name for name in rows if name in ("mean_8", "mean_28")][0]] * scale
    keys = ["origin", "target"]
    items = rows[rows.level == "item"]
    sums = {
        "category": items.groupby(keys + ["category"])["mean"].sum(),
        "total": items.groupby(keys)["mean"].sum(),
    }
    table = []
    for level in ["item", "category", "total"]:
        own = rows[rows.level == level].copy()
        table.append({"level": level, "forecast": "seasonal naive", **scores(own, own.naive)})
        table.append({"level": level, "forecast": "recent mean", **scores(own, own.recent)})
        quantiles = {name: own[name] for name in LEVELS}
        table.append({"level": level, "forecast": "model's mean", **scores(own, own["mean"], quantiles)})
        table.append({"level": level, "forecast": "model's median", **scores(own, own["q50"])})
        if level == "item":
            continue
        names = keys + (["category"] if level == "category" else [])
        own = own.join(sums[level].rename("sum"), on=names)
        factor = (own["sum"].fillna(0) / own["mean"]).clip(0, 1e6)
        quantiles = {name: own[name] * factor for name in LEVELS}
        table.append({"level": level, "forecast": "bottom up", **scores(own, own["sum"].fillna(0), quantiles)})
    print(f"{len(rows)} forecasts of {rows.origin.nunique()} origins from {rows.origin.min()} to {rows.origin.max()}")
    print(pandas.DataFrame(table).to_string(index=False, float_format=lambda value: f"{value:.4f}", na_rep=""))
    print("\nWAPE of items by horizon:")
    for horizon, own in items.groupby("horizon"):
        line = [scores(own, own[name])["WAPE"] for name in ("naive", "recent", "mean")]
        print(f"  {horizon:.0f}: naive {line[0]:.4f}, recent mean {line[1]:.4f}, model {line[2]:.4f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
