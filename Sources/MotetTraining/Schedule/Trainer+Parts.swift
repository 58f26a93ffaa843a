import MotetCore
import MotetData
import MotetNN

extension Trainer {
    /// The program that trains a part of the model.
    func program(
        _ part: TrainingProgram.Part,
        counters: [String: Int]?,
        steps: [String: Int] = [:]
    ) throws -> TrainingProgram {
        try TrainingProgram(
            model,
            tasks,
            part,
            weighting: weighting,
            aggregation: aggregation ?? weighting.aggregation,
            optimizer: optimizer,
            usesSampleWeight: usesSampleWeight,
            key: key,
            counters: counters,
            steps: steps
        )
    }

    /// The parameters that frozen names stand for: a layer's, or all that start with the name.
    static func frozen(
        _ names: [String],
        of model: Model,
        number: Int
    ) throws -> Set<String> {
        var frozen = Set<String>()
        for name in names {
            let own = model.parameters.map(\.name).filter {
                $0 == name || $0.hasPrefix(name.hasSuffix("/") ? name : name + "/")
            }
            guard !own.isEmpty else {
                let layers = Trainer.layers(of: model)
                throw TrainingError(
                    .scheduleInvalid,
                    "schedule, phase \(number): no parameter belongs to the frozen name \"\(name)\"; expected a layer such as \(layers.prefix(8).joined(separator: ", "))."
                        + Suggestion.sentence(for: name, in: layers)
                )
            }
            frozen.formUnion(own)
        }
        return frozen
    }

    private static func layers(of model: Model) -> [String] {
        var seen = Set<String>()
        return model.parameters.compactMap { parameter in
            parameter.name.split(separator: "/").first.map(String.init)
        }.filter { seen.insert($0).inserted }
    }

    /// For each task the rows of a source it has a label on.
    func labelledRows(_ source: TrainingSource) throws -> [Int] {
        let own = try tasks.positions(source.tasks)
        return try tasks.tasks.indices.map { index in
            guard own.contains(index) else { return 0 }
            let task = tasks.tasks[index]
            return try source.training.withFloats(task.objective.column(of: task.name)) { labels in
                let width = max(1, labels.count / max(1, source.training.rowCount))
                return stride(from: 0, to: labels.count, by: width).count { start in
                    labels[start..<min(start + width, labels.count)].contains { !$0.isNaN }
                }
            }
        }
    }
}

extension TaskList {
    /// The positions of named tasks in the list; all for nil.
    func positions(_ names: [String]?) throws -> [Int] {
        guard let names else { return Array(tasks.indices) }
        let known = tasks.map(\.name)
        return try names.map { name in
            guard let position = known.firstIndex(of: name) else {
                throw TrainingError(
                    .unknownTask,
                    "source: there is no task \"\(name)\"; expected one of \(known)."
                        + Suggestion.sentence(for: name, in: known)
                )
            }
            return position
        }.sorted()
    }
}
