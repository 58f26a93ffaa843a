import Foundation

/// Keeps a second program from learning into the same folder: two would write over each other's steps.
///
/// The lock goes with the process, however it ends.
struct LearnLock {
    private let descriptor: Int32

    /// Takes the lock of a folder, which is made where there is none.
    ///
    /// - Throws: `ExperimentError` where another program has it, or the folder cannot be written.
    init(folder: String) throws(ExperimentError) {
        try? FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        descriptor = open(folder + "/lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ExperimentError(
                .runInvalid,
                "learning \"\(folder)\": the folder cannot be written; expected one that can; received "
                    + "\"\(String(cString: strerror(errno)))\"."
            )
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw ExperimentError(
                .runInvalid,
                "learning \"\(folder)\": another program learns into it; expected one at a time. Stop that, or name "
                    + "another `output`."
            )
        }
    }

    /// Gives it back.
    func release() { close(descriptor) }
}
