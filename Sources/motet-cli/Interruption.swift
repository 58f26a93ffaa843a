import Foundation
import Synchronization

/// Whether Ctrl-C was pressed.
///
/// The first time a flag is set, and the training ends after its step; the second time the program ends at
/// once, as it would without a handler.
enum Interruption {
    private static let flag = Atomic<Bool>(false)

    /// Whether it was pressed since `watch()`.
    static var isRequested: Bool { flag.load(ordering: .relaxed) }

    /// Begins to watch; the flag exists before the handler may use it.
    ///
    /// A parent whose threads block signals, such as those of a dispatch queue, leaves them blocked here.
    static func watch() {
        flag.store(false, ordering: .relaxed)
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        signal(SIGINT) { _ in
            Interruption.flag.store(true, ordering: .relaxed)
            signal(SIGINT, SIG_DFL)
        }
    }
}
