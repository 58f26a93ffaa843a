import Foundation
import MotetOneDNN

OneDNNBackend.sleepWhenIdle()

let arguments: BenchmarkArguments
do {
    arguments = try BenchmarkArguments(Array(CommandLine.arguments.dropFirst()))
    switch arguments.command {
    case "train": try TrainingBenchmark(arguments).run()
    case "step":
        if let fixed = FixedWorkloads.named(arguments.subject) {
            try fixed.run(arguments)
        } else {
            try StepBenchmark(arguments).run()
        }
    case "aggregation": try AggregationBenchmark(arguments).run()
    case "allocations": try AllocationBenchmark(arguments).run()
    case "write": try WriteCommand(arguments).run()
    case "limits": try LimitsBenchmark().run()
    case "encode": try EncodeBenchmark(arguments).run()
    case "lengths": try LengthBenchmark(arguments).run()
    case "scenarios": try ScenarioBenchmark(arguments).run()
    case "sequences": try SequenceBenchmark(arguments).run()
    case "looks": try LookBenchmark(arguments).run()
    case "serve": try ServingBenchmark(arguments).run()
    case "prepare": try PreparationBenchmark(arguments).run()
    default: throw BenchmarkError(BenchmarkArguments.usage)
    }
} catch {
    FileHandle.standardError.write(Data("motet-bench: \(error)\n".utf8))
    exit(1)
}
