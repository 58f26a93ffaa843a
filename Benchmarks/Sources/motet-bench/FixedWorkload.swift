import MotetData
import MotetOneDNN
import MotetTraining

/// A workload of one model and one size, of which bare training steps are timed.
protocol FixedWorkload {
    /// Its name in docs/benchmarks.md.
    static var name: String { get }
    /// The rows of a step.
    static var batchSize: Int { get }
    /// How tables are updated, as the report says it.
    static var tables: String { get }
    /// Floating-point operations of the products of a training step, for one row.
    static var operations: Int { get }
    /// The model, with its optimizer and tasks.
    static func trainer() throws -> Trainer
    /// Rows in memory.
    static func data(rows: Int) throws -> PreparedDataset
}

/// The fixed workloads.
enum FixedWorkloads {
    static var all: [any FixedWorkload.Type] { [ConvolutionWorkload.self, TaggerWorkload.self] }

    static func named(_ name: String?) -> (any FixedWorkload.Type)? {
        all.first { $0.name == name }
    }
}

extension FixedWorkload {
    /// Prints rows a second of bare training steps.
    static func run(_ arguments: BenchmarkArguments) throws {
        let steps = try arguments.number("--steps", default: 64)
        let durations = try trainer().timeSteps(
            data(rows: 8 * batchSize),
            batchSize: batchSize,
            steps: steps
        ).map(\.seconds)
        // Rounds of eight steps, as the peer's repetitions are.
        let rounds = stride(from: 0, to: durations.count - 7, by: 8).map { start in
            Double(8 * batchSize) / durations[start..<(start + 8)].reduce(0, +)
        }
        try printResult([
            "workload": name,
            "system": "motet",
            "measure": "bare step",
            "tables": tables,
            "rows_per_second_step": Int(rounds.max() ?? 0),
            "median_rows_per_second_step": Int(rounds.median),
            "matmul_flops_a_row": operations,
        ])
    }
}
