"""Turns the lines of JSON of one benchmark run into a table of ratios and one file.

Usage: report.py LINES RESULT
"""

import json
import platform
import sys
from datetime import datetime, timezone

# The systems ours is compared with.
PEERS = ("torch-rechub", "PyTorch")
RATES = {
    "end to end": ("rows_per_second_end_to_end", "median_rows_per_second_end_to_end"),
    "bare step": ("rows_per_second_step", "median_rows_per_second_step"),
}


def processor():
    """The processor's name as the kernel gives it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def training_rows(results, limit):
    """A row of the table for each of our training measurements, with the peers' beside it."""
    flops = {r["workload"]: r["matmul_flops_a_row"] for r in results if "matmul_flops_a_row" in r}
    for ours in (r for r in results if r["system"] == "motet" and r.get("measure") in RATES):
        best, median = RATES[ours["measure"]]
        row = {
            "workload": ours["workload"],
            "measure": ours["measure"],
            "tables": ours["tables"],
            "motet": ours[best],
            "motet_median": ours[median],
            "share_of_onednn": ours[best] * flops.get(ours["workload"], 0) / (limit * 1e9),
        }
        for peer in results:
            if peer["system"] in PEERS and peer["workload"] == ours["workload"] and best in peer:
                plain = not peer.get("normalization", True)
                name = "peer_without_normalization" if plain else "peer"
                row[name], row[name + "_median"] = peer[best], peer[median]
        # The better figure of the peer in either way of measuring, and in either form of the model.
        figures = [
            peer[key]
            for peer in results
            if peer["system"] in PEERS and peer["workload"] == ours["workload"]
            for key, _ in RATES.values()
            if key in peer
        ]
        if figures:
            row["peer_best_of_all"] = max(figures)
        yield row


def print_combined(results):
    """Steps that combine the gradients of tasks, each beside its own system's step on the sum."""
    measured = [r for r in results if r.get("measure") == "combined gradients"]
    joint = {r["system"]: r["median_step_seconds"] for r in measured if r["variant"] == "joint"}
    if measured:
        print("\n| gradients of tasks | system | step, ms | by the step on the sum |\n|---|---|---|---|")
    for each in measured:
        seconds = each["median_step_seconds"]
        print(
            f"| {each['variant']} | {each['system']} | {seconds * 1e3:.0f} |"
            f" {ratio(seconds, joint.get(each['system']))} |"
        )


def print_sequences(results):
    """Steps that read lists step by step, each beside the step that pools them."""
    measured = [r for r in results if r.get("workload") == "sequences"]
    if measured:
        print("\n| lists read by | step, ms | by the step of the mean |\n|---|---|---|")
    for each in measured:
        step, times = each["median_step_milliseconds"], each["median_of_ratios"]
        print(f"| {each['reader']} | {step:.1f} | {times:.2f} x |")


def print_requests(results):
    """Requests of one user and many items, by system and threads."""
    measured = [r for r in results if r.get("workload") == "serve-500-engine"]
    if measured:
        print("\n| requests | threads | median, ms | 99 % below, ms |\n|---|---|---|---|")
    for each in measured:
        name = " ".join(part for part in (each["system"], each.get("variant")) if part)
        print(
            f"| {name} | {each['threads']} | {each['median_milliseconds']:.2f} |"
            f" {each['p99_milliseconds']:.2f} |"
        )


def ratio(ours, theirs):
    """A ratio as text, or a dash where there is no peer."""
    return f"{ours / theirs:.2f} x" if theirs else "-"


def number(value):
    """A number with separators, or a dash."""
    return f"{value:,}" if value else "-"


def main(lines, path):
    """Reads the lines, prints the table, writes the file."""
    with open(lines, encoding="utf-8") as file:
        results = [json.loads(line) for line in file if line.strip()]
    machine = next(r for r in results if r["system"] == "machine")
    rows = list(training_rows(results, machine["onednn_gflops_best"]))
    print(f"processor: {processor()}, {machine['processors']} processors")
    rates = ", ".join(f"{size} {rate}" for size, rate in sorted(machine["onednn_gflops"].items()))
    print(f"oneDNN f32 GFLOP/s: {rates}; memory {machine['memory_gigabytes_per_second']} GB/s")
    print()
    print(
        "| workload | measure | tables | ours, rows/s | peer | ratio | peer without normalization |"
        " ratio | share of oneDNN |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        peer, plain = row.get("peer"), row.get("peer_without_normalization")
        print(
            f"| `{row['workload']}` | {row['measure']} | {row['tables']} | {number(row['motet'])} |"
            f" {number(peer)} | {ratio(row['motet'], peer)} |"
            f" {number(plain)} | {ratio(row['motet'], plain)} | {row['share_of_onednn']:.0%} |"
        )
    print_combined(results)
    print_sequences(results)
    print_requests(results)
    for ours in (r for r in results if r.get("workload") == "csv-prepare"):
        theirs = next((r for r in results if r.get("workload") == "csv-read"), None)
        print()
        print(
            f"preparing {ours['bytes'] / 1e6:.0f} MB of CSV: {ours['seconds']:.3f} s"
            + (
                f"; pyarrow reading it {theirs['seconds']:.3f} s; "
                f"{ours['seconds'] / theirs['seconds']:.2f} x its time"
                if theirs
                else ""
            )
        )
    for ours in (r for r in results if r.get("workload") == "encode-minilm"):
        if ours["system"] != "motet":
            continue
        print(f"\nencoding {ours['part']}: {number(ours['texts_per_second'])} texts/s")
        for peer in results:
            if peer.get("part") == ours["part"] and peer["system"] != "motet":
                print(
                    f"  {peer['system']} {peer['version']} ({peer['batching']}): "
                    f"{number(peer['texts_per_second'])} texts/s, ratio "
                    + ratio(ours["texts_per_second"], peer["texts_per_second"])
                )
    for ours in (r for r in results if "peak_anonymous_bytes" in r):
        print(
            f"memory of {ours['workload']} ({ours['tables']}): "
            f"{ours['peak_anonymous_bytes'] / 1e6:.0f} MB anonymous at its peak, "
            f"bound {ours['memory_bound_bytes'] / 1e6:.0f} MB"
        )
    record = {
        "taken": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "processor": processor(),
        "machine": machine,
        "ratios": rows,
        "results": [r for r in results if r is not machine],
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(record, file, indent=1, sort_keys=True)
        file.write("\n")
    print(f"\nwritten to {path}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("report.py: expected two paths: lines of JSON, and the result.")
    main(*sys.argv[1:])
