import Foundation
import MotetCore
import MotetGraph
public import MotetNN

/// A folder with the last and the best state of a training, each one file that is replaced at once.
///
/// Files are safetensors. A write goes to a temporary file, to the disk, and then under its name, so that a
/// failure at any moment leaves the file that was there before.
public struct CheckpointFolder: Sendable {
    /// The folder; made when the first checkpoint is written.
    public let path: String

    /// Names a folder.
    public init(path: String) { self.path = path }

    /// The file of the last state: parameters, optimizer, and where training was.
    public var lastFile: String { path + "/last.safetensors" }
    /// The file of the best parameters.
    public var bestFile: String { path + "/best.safetensors" }
    /// The file of a task's best parameters, where each task keeps its own epoch: by the task's position, for
    /// its name may not suit a file.
    func bestFile(ofTask index: Int) -> String { path + "/best_task_\(index + 1).safetensors" }
    /// Whether there is something to resume from.
    public var hasLast: Bool { FileManager.default.fileExists(atPath: lastFile) }

    func saveLast(_ states: StateStore, _ state: FitState) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = String(decoding: try encoder.encode(state), as: UTF8.self)
        try StateFile.write(states, states.names, metadata: ["training": text], to: lastFile)
    }

    func loadLast(into states: StateStore) throws -> FitState {
        let metadata = try StateFile.read(lastFile, into: states, mustHold: states.names)
        guard let text = metadata["training"],
            let state = try? JSONDecoder().decode(FitState.self, from: Data(text.utf8))
        else {
            throw TrainingError(
                .checkpointInvalid,
                "checkpoint \"\(lastFile)\": does not say where training was; expected a file written by this version."
            )
        }
        return state
    }

    func saveBest(_ states: StateStore, _ names: [String], to file: String) throws {
        try StateFile.write(states, names, metadata: [:], to: file)
    }

    func loadBest(from file: String, into states: StateStore) throws {
        _ = try StateFile.read(file, into: states, mustHold: [])
    }
}

extension ParameterStore {
    /// Reads parameters written by a trainer.
    ///
    /// - Parameter file: a safetensors file.
    /// - Throws: `TrainingError` when the file is missing, damaged, or of another kind.
    public init(file: String) throws {
        self.init()
        try StateFile.forEachTensor(file) { name, tensor in self[name] = tensor }
    }
}
