import Foundation
import MotetTraining

/// How far the logs are learnt, in a file that is replaced whole.
struct LearnState: Codable, Hashable {
    /// The version of the file.
    var format = 1
    /// The end of the last step, in milliseconds since 1970.
    var learnedThrough: Int64
    /// The number of the last step.
    var step: Int
    /// The run the link is to lead to; nil where it does.
    var promoting: String?
    /// The run that learning began from, which candidates are measured against too; nil in states of before it was kept.
    var origin: String?
    /// The run the link led to behind the last step; another one was put there by hand.
    var live: String?

    /// Reads the state of a folder; nil where nothing was learnt yet.
    init?(folder: String) throws {
        guard let data = FileManager.default.contents(atPath: Self.file(folder)) else { return nil }
        guard let state = try? JSONDecoder().decode(LearnState.self, from: data), state.format == 1
        else {
            throw ExperimentError(
                .runInvalid,
                "learning \"\(folder)\": state.json is damaged, or of a later version; expected it as `motet learn` "
                    + "wrote it. Name another folder as `output` to begin anew."
            )
        }
        self = state
    }

    init(learnedThrough: Int64) {
        self.learnedThrough = learnedThrough
        step = 0
    }

    func write(to folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(self), as: UTF8.self)
        try AtomicFile.write(Self.file(folder), text: text + "\n")
    }

    private static func file(_ folder: String) -> String { folder + "/state.json" }
}

/// The link to the run that answers.
struct RunLink {
    let path: String

    /// Where it leads, links resolved.
    ///
    /// - Throws: `ExperimentError` where it is no link.
    func target() throws -> String {
        guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else {
            throw ExperimentError(
                .runInvalid,
                "run \"\(path)\": this is no link; expected one to the run that answers, which is made to lead to "
                    + "another. Make it by `ln -s RUN \(path)`, and serve that."
            )
        }
        let whole =
            target.hasPrefix("/")
            ? target : (path as NSString).deletingLastPathComponent + "/" + target
        return URL(fileURLWithPath: whole).resolvingSymlinksInPath().path
    }

    /// Makes it lead elsewhere, at once: at every moment it leads to a run.
    func lead(to run: String) throws {
        let temporary = path + ".next"
        unlink(temporary)
        let whole = DataSettings.absolute(run, in: FileManager.default.currentDirectoryPath)
        guard symlink(whole, temporary) == 0, rename(temporary, path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(temporary)
            throw ExperimentError(
                .runInvalid,
                "run \"\(path)\": the link cannot be made to lead to \"\(run)\"; expected a folder that can be "
                    + "written; received \"\(reason)\"."
            )
        }
    }
}
