public import MotetCore
public import MotetGraph

/// What runs the programs of an experiment, as the experiment needs to know it.
///
/// Experiments import no backend; the umbrella `Motet` hands over `ExperimentEngine.oneDNN`.
public struct ExperimentEngine: Sendable {
    /// A backend, and the kernels it has chosen by measuring so far.
    public struct Session: Sendable {
        /// What compiles and runs programs.
        public let backend: any Backend
        /// The kernel of each shape that was measured or replayed, to be recorded.
        public let kernels: @Sendable () -> [String: String]

        /// Creates a session.
        public init(backend: any Backend, kernels: @escaping @Sendable () -> [String: String]) {
            self.backend = backend
            self.kernels = kernels
        }
    }

    /// The name and version of the library behind it.
    public let name: String
    /// How many threads compute.
    public let threads: @Sendable () -> Int
    /// Sets how many threads compute.
    public let useThreads: @Sendable (Int) -> Void
    /// Starts a session that replays recorded kernels, and measures other shapes or not.
    public let start: @Sendable ([String: String], Bool) throws -> Session
    /// Makes a backend for a model that only answers, with the numbers that its weights are multiplied by, and
    /// recorded kernels for what is no product with a weight.
    public let freeze: @Sendable (ProductPrecision, [String: String]) throws -> any Backend

    /// Describes an engine.
    ///
    /// - Parameters:
    ///   - name: the name and version of the library behind it.
    ///   - threads: tells how many threads compute.
    ///   - useThreads: sets how many threads compute.
    ///   - start: starts a session from recorded kernels, and whether other shapes are measured.
    ///   - freeze: makes a backend for a model that only answers.
    public init(
        name: String,
        threads: @escaping @Sendable () -> Int,
        useThreads: @escaping @Sendable (Int) -> Void,
        start: @escaping @Sendable ([String: String], Bool) throws -> Session,
        freeze: @escaping @Sendable (ProductPrecision, [String: String]) throws -> any Backend
    ) {
        self.name = name
        self.threads = threads
        self.useThreads = useThreads
        self.start = start
        self.freeze = freeze
    }
}
