import Synchronization

/// Workspaces that no request is using.
///
/// `@unchecked Sendable`: `free` is touched under `lock` only, and a workspace leaves the pool while it is
/// in use.
final class WorkspacePool: @unchecked Sendable {
    /// More than this many idle workspaces are let go, the oldest first.
    private let limit: Int
    private let lock = Mutex<Void>(())
    private var free: [Workspace] = []

    init(limit: Int) { self.limit = limit }

    func take(where fits: (Workspace) -> Bool) -> Workspace? {
        lock.withLock { _ in
            guard let index = free.lastIndex(where: fits) else { return nil }
            return free.remove(at: index)
        }
    }

    func give(_ workspace: Workspace) {
        lock.withLock { _ in
            free.append(workspace)
            if free.count > limit { free.removeFirst() }
        }
    }
}
