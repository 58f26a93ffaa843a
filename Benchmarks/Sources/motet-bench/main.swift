import MotetOptimizers
import MotetTraining

let name = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : nil
let dense = CommandLine.arguments.contains("--dense-tables")
for workload in Workload.all where name == nil || name == workload.name {
    let data = try workload.data()
    let trainer = try workload.trainer(tables: dense ? .dense : .touchedRows)
    let history = try trainer.fit(data, epochs: 3, batchSize: workload.batchSize)
    let rates = history.epochs.map(\.rowsPerSecond)
    print(
        "{\"workload\": \"\(workload.name)\", \"system\": \"motet\", \"rows_per_second_end_to_end\": \(Int(rates.max() ?? 0)), \"epochs\": \(rates.map { Int($0) }), \"losses\": \(history.epochs.last?.losses.compactMap(\.value) ?? [])}"
    )
}
