import Foundation
import MotetCore
import MotetData

/// The folder of a simulation while it is made, under another name.
final class SimulationFolder {
    /// The name it gets in the end.
    private let path: String
    /// The name it has until then.
    let temporary: String
    private var isFinished = false

    init(_ path: String) throws {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.path = trimmed
        temporary = "\(trimmed).partial-\(getpid())"
        guard !FileManager.default.fileExists(atPath: trimmed) else { throw Self.taken(trimmed) }
        do {
            for folder in ["/impressions", "/truth/impressions"] {
                try FileManager.default.createDirectory(
                    atPath: temporary + folder,
                    withIntermediateDirectories: true
                )
            }
        } catch {
            discard()
            throw Self.cannotWrite(trimmed, error)
        }
    }

    private static func taken(_ path: String) -> SimulationError {
        SimulationError(
            .simulationExists,
            "simulation \"\(path)\": the place is taken; expected a folder that is new. Name another by "
                + "`--output`, or remove it."
        )
    }

    private static func cannotWrite(_ path: String, _ error: any Error) -> TableError {
        TableError(
            .inputOutput,
            "simulation \"\(path)\": cannot be written; expected a writable folder with room; received "
                + "\"\(SystemReason.text(of: error))\"."
        )
    }

    /// Writes the record and gives the folder its name.
    func finish(_ record: SimulationRecord) throws {
        do {
            try record.json().write(
                to: URL(fileURLWithPath: temporary + "/simulation.json"),
                options: .atomic
            )
        } catch {
            throw Self.cannotWrite(path, error)
        }
        // Unlike `rename`, this fails where something has taken the place meanwhile.
        guard !FileManager.default.fileExists(atPath: path) else { throw Self.taken(path) }
        do {
            try FileManager.default.moveItem(atPath: temporary, toPath: path)
        } catch {
            throw Self.cannotWrite(path, error)
        }
        isFinished = true
    }

    /// Removes what was made, unless it is finished.
    func discard() {
        guard !isFinished else { return }
        try? FileManager.default.removeItem(atPath: temporary)
    }
}
