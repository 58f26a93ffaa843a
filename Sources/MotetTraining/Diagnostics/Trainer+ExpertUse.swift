public import MotetData
import MotetCore
import MotetGraph
import MotetMultiTask
import MotetNN

extension Trainer {
    /// Which experts serve which tasks and scenarios, where the model chooses among experts.
    ///
    /// Gates are found in the graph, so own models with a `Mixture` are told too. Weights are those of prediction,
    /// without dropout.
    ///
    /// - Parameters:
    ///   - data: prepared rows; labels are not read.
    ///   - scenarios: how many scenarios the column `scenario` numbers; 0 for none.
    ///   - batchSize: rows at a time.
    /// - Returns: one record for each layer that mixes experts, in the order of the model; none where none does.
    /// - Throws: `TrainingError` when the data do not fit the model.
    public func expertUse(
        _ data: PreparedDataset,
        scenarios: Int = 0,
        batchSize: Int = 1024
    ) throws -> [ExpertUse] {
        var traced = try model.trace(.inference)
        let names = tasks.tasks.map(\.name)
        guard names.count <= 64 else { return [] }
        let outputs = names.compactMap { name in
            traced.outputs.first { $0.name == name }?.value
        }
        let mixtures = ExpertMixture.all(in: traced.graph.graph, outputs: outputs)
        guard !mixtures.isEmpty else { return [] }
        let first = traced.graph.graph.outputs.count
        for (index, mixture) in mixtures.enumerated() {
            traced.graph.output("gates \(index)", mixture.gates)
        }
        var sums = mixtures.map { mixture in
            mixture.selections.map {
                GateSums(selection: $0, experts: mixture.expertTasks.count, scenarios: scenarios)
            }
        }
        let executable = try backend.compile(
            traced.graph.graph,
            states: states,
            capacity: Trainer.capacity(data, batchSize: batchSize)
        )
        let hasScenarios = scenarios > 0 && data.columns.contains { $0.name == "scenario" }
        let loader = try rowsAlone(data, traced, batchSize: batchSize, withScenario: hasScenarios)
        let columns = Dictionary(uniqueKeysWithValues: model.inputs.map { ($0.name, $0.name) })
        let binding = try BatchBinding(executable, loader, columns: columns)
        loader.start(epoch: 0)
        while let batch = try loader.next() {
            binding.bind(batch, to: executable)
            executable.run(.gradients)
            let place = hasScenarios ? batch.index(of: "scenario") : nil
            let scenario = place.map {
                UnsafePointer(batch.pointer($0).assumingMemoryBound(to: Int32.self))
            }
            for (index, mixture) in mixtures.enumerated() {
                let weights = executable.output(first + index).bindMemory(to: Float.self)
                guard let base = weights.baseAddress else { continue }
                var offset = 0
                for gate in mixture.selections.indices {
                    let width = mixture.selections[gate].count
                    for row in 0..<batch.rowCount {
                        sums[index][gate].add(
                            base + offset,
                            scenario: scenario.map { Int($0[row]) }
                        )
                        offset += width
                    }
                }
            }
        }
        return zip(mixtures, sums).map { mixture, sums in
            ExpertUse(
                layer: mixture.layer,
                experts: mixture.expertTasks.map { ExpertUse.Expert($0.map { names[$0] }) },
                gates: zip(sums, mixture.gateTasks).compactMap { sums, tasks in
                    tasks.isEmpty ? nil : sums.gate(tasks.map { names[$0] })
                }
            )
        }
    }

    /// A loader of what a model reads, in the order of the data.
    private func rowsAlone(
        _ data: PreparedDataset,
        _ traced: TracedModel,
        batchSize: Int,
        withScenario: Bool
    ) throws -> BatchLoader {
        var seen = Set<String>()
        var wanted = Trainer.columns(of: traced.graph.graph.inputs.map(\.name))
        if withScenario { wanted.append("scenario") }
        let options = BatchLoaderOptions(
            batchSize: batchSize,
            scenarioColumn: scenarioCount == nil ? nil : "scenario",
            scenarioCount: scenarioCount ?? 0
        )
        return try BatchLoader(
            data,
            columns: wanted.filter { seen.insert($0).inserted },
            options: options
        )
    }
}
