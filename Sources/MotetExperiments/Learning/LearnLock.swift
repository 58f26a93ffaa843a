import MotetCore

/// Keeps a second program from learning into the same folder: two would write over each other's steps.
struct LearnLock {
    private let folder: LockedFolder

    /// Takes the lock of a folder, which is made where there is none.
    ///
    /// - Throws: `ExperimentError` where another program has it, or the folder cannot be written.
    init(folder: String) throws(ExperimentError) {
        do { self.folder = try LockedFolder(folder, isPrivate: false) } catch {
            throw ExperimentError(
                .runInvalid,
                error.isTaken
                    ? "learning \"\(folder)\": another program learns into it; expected one at a time. Stop that, or name "
                        + "another `output`."
                    : "learning \"\(folder)\": the folder \(error.problem); expected one that can be written; received "
                        + "\"\(error.reason)\"."
            )
        }
    }

    /// Gives it back.
    func release() { folder.release() }
}
