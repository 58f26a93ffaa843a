import Foundation
import MotetConfiguration
import MotetData
import MotetGraph
import MotetNN
import MotetTraining

extension RunDirectory {
    /// Writes what a run is made from, before it begins.
    ///
    /// A folder that is new appears whole: one that was cut off would be neither a run nor free for
    /// another.
    func begin(
        _ experiment: Experiment,
        _ fitted: FittedSchema,
        _ model: Model,
        _ versions: RunVersions,
        _ warmStart: WarmStartReport?
    ) throws {
        let folder = DataSettings.absolute(path, in: FileManager.default.currentDirectoryPath)
        let isNew = !FileManager.default.fileExists(atPath: folder)
        let place = isNew ? RunDirectory(folder + ".partial") : self
        // Left by a program that was killed here.
        if isNew { try? FileManager.default.removeItem(atPath: place.path) }
        do {
            let yaml = ConfigurationWriter.yaml(experiment.node)
            try AtomicFile.write(place.configurationFile, text: yaml)
            try fitted.save(to: URL(fileURLWithPath: place.fittedFolder))
            try place.write(ModelListing(model), to: place.graphFile)
            if let warmStart { try place.write(warmStart, to: place.warmStartFile) }
            // Last: a folder with this file is a run.
            try place.write(versions, to: place.versionsFile)
            guard isNew, rename(place.path, folder) != 0 else { return }
            throw TrainingError(
                .cannotWrite,
                "folder \"\(path)\": cannot be made: \(String(cString: strerror(errno))). Name "
                    + "another folder."
            )
        } catch {
            if isNew { try? FileManager.default.removeItem(atPath: place.path) }
            guard let failure = error as? TrainingError else { throw error }
            // By the name the user knows.
            let sentence = failure.description.replacing(place.path, with: path)
            throw TrainingError(failure.code, sentence)
        }
    }

    /// Writes a value as JSON with sorted keys.
    func write(_ value: some Encodable, to file: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(value), as: UTF8.self)
        try AtomicFile.write(file, text: text + "\n")
    }

    /// Adds an epoch's line to the history; lines of the same or later epochs, left by a run that was
    /// cut off, go.
    func add(_ record: EpochRecord) throws {
        struct Numbered: Decodable { var epoch: Int }
        let old = FileManager.default.contents(atPath: historyFile) ?? Data()
        let lines = String(decoding: old, as: UTF8.self).split(separator: "\n").filter { line in
            let epoch = try? JSONDecoder().decode(Numbered.self, from: Data(line.utf8)).epoch
            return epoch.map { $0 < record.epoch } ?? false
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = String(decoding: try encoder.encode(record), as: UTF8.self)
        try AtomicFile.write(
            historyFile,
            text: (lines.map(String.init) + [line]).joined(separator: "\n") + "\n"
        )
    }

    /// The kernels the run has recorded; none before its first step, and where none was measured.
    func recordedKernels() throws -> [String: String] {
        guard FileManager.default.fileExists(atPath: kernelsFile) else { return [:] }
        return try Self.kernels(file: kernelsFile)
    }

    /// The kernels recorded in a file: a run's `kernels.json`.
    static func kernels(file: String) throws -> [String: String] {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ExperimentError(
                .runInvalid,
                "kernels \"\(file)\": no such file; expected the kernels.json of a run."
            )
        }
        guard let kernels = try? JSONDecoder().decode([String: String].self, from: data) else {
            throw ExperimentError(
                .runInvalid,
                "kernels \"\(file)\": not what a run records; expected a JSON object of shapes and "
                    + "kernels as in the kernels.json of a run."
            )
        }
        return kernels
    }

    /// Removes a run that has not trained a step.
    func discardUntrained() {
        guard !checkpoints.hasLast, !isFinished else { return }
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// A model as `graph.json` tells it: for people and for other tools, not read back.
struct ModelListing: Encodable {
    struct Tensor: Encodable {
        var name: String
        var type: String
    }

    var inputs: [Tensor]
    var outputs: [Tensor]
    var parameters: [Tensor]
    var operations: [String]

    init(_ model: Model) throws {
        inputs = model.inputs.map { Tensor(name: $0.name, type: "\($0.type)") }
        outputs = model.outputs.map { Tensor(name: $0.name, type: "\($0.type)") }
        parameters = model.parameters.map { Tensor(name: $0.name, type: "float32 \($0.shape)") }
        let graph = try model.trace(.inference).graph.graph
        operations = graph.listing.split(separator: "\n").map(String.init)
    }
}
