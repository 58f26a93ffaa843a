import Foundation
import HTTPTypes
import ServiceLifecycle

/// Loads the first models, then new ones whenever the links that name their runs point elsewhere.
struct LinkWatcher: Service {
    /// A run that is watched.
    struct Watched: Sendable {
        let path: String
        let manager: ModelManager

        /// Where the path leads, links resolved.
        fileprivate var target: String {
            URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        }
    }

    /// The runs, in the order in which they are loaded.
    let runs: [Watched]
    /// How often the links are looked at; 0 never.
    let seconds: Double

    func run() async throws {
        let first = runs.map(\.target)
        for run in runs { try await run.manager.load() }
        guard seconds > 0 else {
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown { await watch(from: first) }
    }

    private func watch(from first: [String]) async {
        var seen = first
        while true {
            do { try await Task.sleep(for: .seconds(seconds)) } catch { return }
            for (index, run) in runs.enumerated() {
                let now = run.target
                guard now != seen[index] else { continue }
                do {
                    try await run.manager.load()
                    seen[index] = now
                } catch let error as RequestError where error.status == .conflict {
                    // Another change goes on; this one has its turn later.
                    continue
                } catch {
                    // The manager has logged it. What cannot be read now is tried again when the link changes.
                    seen[index] = now
                }
            }
        }
    }
}
