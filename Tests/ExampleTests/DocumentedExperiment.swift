import Foundation
import Motet

/// A YAML experiment of the documentation or the examples, copied with its data to a folder that is
/// removed when it goes away.
final class DocumentedExperiment {
    static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// All experiments under `docs` and `Examples`, relative to the package.
    static let all = files.filter {
        !$0.hasSuffix("compare.yaml") && !$0.hasSuffix("serve.yaml")
            && !$0.hasSuffix("features.yaml") && !$0.hasSuffix("panel.yaml")
            && !$0.hasSuffix("campaigns.yaml") && $0 != "Examples/LiveDecisions/shop.yaml"
            && $0 != "Examples/LiveDecisions/decisions.yaml"
            && !$0.hasPrefix("Examples/Simulation/") && $0 != "Examples/Shop/simulation.yaml"
            && !$0.hasPrefix("Examples/OnlineFeatures/")
    }

    /// All comparisons there.
    static let comparisons = files.filter { $0.hasSuffix("compare.yaml") }

    /// All YAML files there.
    private static let files: [String] = ["docs", "Examples"].flatMap { folder -> [String] in
        let path = package.appendingPathComponent(folder).path
        let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
            .map { folder + "/" + $0 }
    }
    .sorted()

    static func contents(_ name: String) throws -> String {
        try String(contentsOf: package.appendingPathComponent(name), encoding: .utf8)
    }

    /// The experiment as it stands in the package.
    static func original(_ name: String) throws -> Experiment {
        try Experiment(contentsOf: package.appendingPathComponent(name))
    }

    let folder: URL
    let file: String

    /// Copies an experiment to the same place under another root.
    ///
    /// Data the package holds are copied; for others small made-up tables are written that have the
    /// columns the experiment asks for.
    init(_ name: String) throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("motet-documented-\(UUID().uuidString)")
        let copy = folder.appendingPathComponent(name)
        file = copy.path
        try FileManager.default.createDirectory(
            at: copy.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Self.contents(name).write(to: copy, atomically: true, encoding: .utf8)
        let before = try Self.original(name).data.paths
        let experiment = try Experiment(contentsOf: copy)
        for (number, (old, new)) in zip(before, experiment.data.paths).enumerated() {
            try FileManager.default.createDirectory(
                at: URL(fileURLWithPath: new).deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            // Data fetched by a recipe lie in a folder git ignores: they are not the package's.
            if old.hasPrefix(Self.package.appendingPathComponent("data").path) {
                try MadeUpTable(experiment, key: RandomKey(seed: 5).split(number)).write(to: new)
            } else if !FileManager.default.fileExists(atPath: new) {
                try FileManager.default.copyItem(atPath: old, toPath: new)
            }
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Trains it as `motet train` does.
    func train() throws -> TrainResult {
        let output = folder.appendingPathComponent("run").path
        return try ExperimentRunner(engine: .oneDNN)
            .train(TrainRequest(configuration: file, output: output))
    }
}

extension DataSettings {
    /// The files of all parts.
    fileprivate var paths: [String] { train + validation + test }
}

/// A few hundred rows with the columns an experiment asks for.
private struct MadeUpTable {
    private static let rows = 400
    private let experiment: Experiment
    private let key: RandomKey

    init(_ experiment: Experiment, key: RandomKey) {
        self.experiment = experiment
        self.key = key
    }

    func write(to path: String) throws {
        var columns: [(name: String, values: TableValues)] = []
        func add(_ name: String?, _ values: (inout RandomKeyGenerator) -> TableValues) {
            guard let name, !columns.contains(where: { $0.name == name }) else { return }
            var random = key.split(name).generator()
            columns.append((name, values(&random)))
        }
        // Before the features: one of them may read it too.
        add(experiment.data.scenario?.column) { random in
            let values = experiment.data.scenario?.values ?? []
            return .string(draw(max(values.count, 1), &random).map { values[Int($0)] })
        }
        for feature in experiment.features {
            add(feature.column) { random in
                switch feature.kind {
                case .categorical: .int32(draw(20, &random))
                case .numeric: .float32(draw(50, &random).map { Float($0) / 4 })
                case .sequence: .list(draw(5, &random).map { draw(20, &random, count: Int($0)) })
                }
            }
        }
        for task in experiment.tasks {
            add(task.column) { .float32(draw(2, &$0).map(Float.init)) }
            add(task.demand?.price) { .float32(draw(50, &$0).map { Float(1 + $0) / 4 }) }
        }
        add(experiment.data.sampleWeight) { .float32(draw(9, &$0).map { Float(1 + $0) }) }
        add(experiment.data.group) { .int32(draw(20, &$0)) }
        let descriptions = columns.map { ColumnDescription(name: $0.name, type: $0.values.type) }
        let writer = try TableWriter(path: path, columns: descriptions)
        try writer.append(columns.map(\.values))
        try writer.finish()
    }

    private func draw(
        _ bound: Int,
        _ random: inout RandomKeyGenerator,
        count: Int = MadeUpTable.rows
    ) -> [Int32] {
        (0..<count).map { _ in Int32.random(in: 0..<Int32(bound), using: &random) }
    }
}
