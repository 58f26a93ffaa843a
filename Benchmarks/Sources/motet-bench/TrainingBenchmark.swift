import MotetData
import MotetNN
import MotetOptimizers
import MotetTraining

/// Rows a second from the prepared cache on disk through `Trainer.fit`, and the memory it took.
struct TrainingBenchmark {
    private let workload: Workload
    private let epochs: Int
    private let tables: Optimizer.TableMode
    private let folder: String?

    init(_ arguments: BenchmarkArguments) throws {
        workload = try arguments.workload()
        epochs = try arguments.number("--epochs", default: 4)
        tables = arguments.has("--dense-tables") ? .dense : .touchedRows
        folder = arguments.text("--data")
    }

    func run() throws {
        try workload.withFiles(folder, measure)
    }

    private func measure(_ data: PreparedDataset) throws {
        let trainer = try workload.trainer(tables: tables)
        var options = FitOptions(epochs: epochs, batchSize: workload.batchSize)
        var (steps, peak) = (0, 0)
        // Rounds of eight steps inside an epoch, to compare with those of bare steps.
        var rounds: [Double] = []
        let clock = ContinuousClock()
        var start = clock.now
        options.onStep = { progress in
            steps += 1
            let place = progress.rows / workload.batchSize % 8
            if place == 0 {
                let now = clock.now
                if progress.rows > 8 * workload.batchSize {
                    rounds.append(Double(8 * workload.batchSize) / start.duration(to: now).seconds)
                }
                start = now
            }
            if steps.isMultiple(of: 25) { peak = max(peak, ProcessMemory.anonymousBytes) }
        }
        let history = try trainer.fit(data, options: options)
        let rates = history.epochs.map(\.rowsPerSecond)
        let memory = workload.memoryBound(trainer)
        try printResult([
            "workload": workload.name,
            "system": "motet",
            "measure": "end to end",
            "tables": tables == .dense ? "dense" : "touched rows",
            "rows_per_second_end_to_end": Int(rates.max() ?? 0),
            "median_rows_per_second_end_to_end": Int(rates.median),
            "epochs": rates.rounded,
            "best_eight_steps": Int(rounds.max() ?? 0),
            "median_eight_steps": Int(rounds.median),
            "cache_bytes": data.byteCount,
            "peak_anonymous_bytes": max(peak, ProcessMemory.anonymousBytes),
            "memory_bound_bytes": memory,
            "losses": history.epochs.last?.losses.compactMap(\.value) ?? [],
        ])
    }
}

extension Workload {
    /// 1.5 x (parameters + optimizer state + 3 batches + 200 MB).
    fileprivate func memoryBound(_ trainer: Trainer) -> Int {
        let parameters = trainer.model.parameters.reduce(0) { $0 + $1.count * 4 }
        let batches = 3 * batchSize * (fields + 2) * 4
        return (3 * parameters + batches + 200_000_000) * 3 / 2
    }
}

/// Rows a second of bare training steps on batches in memory.
struct StepBenchmark {
    private let workload: Workload
    private let steps: Int
    private let tables: Optimizer.TableMode

    init(_ arguments: BenchmarkArguments) throws {
        workload = try arguments.workload()
        steps = try arguments.number(
            "--steps",
            default: workload.name == "census-mmoe" ? 2000 : 120
        )
        tables = arguments.has("--dense-tables") ? .dense : .touchedRows
    }

    func run() throws {
        let data = try workload.data(rows: 8 * workload.batchSize)
        let durations = try workload.trainer(tables: tables).timeSteps(
            data,
            batchSize: workload.batchSize,
            steps: steps
        ).map(\.seconds)
        // Rounds of eight steps, as the peers' repetitions are.
        let rounds = stride(from: 0, to: durations.count - 7, by: 8).map { start in
            Double(8 * workload.batchSize) / durations[start..<(start + 8)].reduce(0, +)
        }
        try printResult([
            "workload": workload.name,
            "system": "motet",
            "measure": "bare step",
            "tables": tables == .dense ? "dense" : "touched rows",
            "rows_per_second_step": Int(rounds.max() ?? 0),
            "median_rows_per_second_step": Int(rounds.median),
            "matmul_flops_a_row": workload.matrixProductFLOPs,
        ])
    }
}
