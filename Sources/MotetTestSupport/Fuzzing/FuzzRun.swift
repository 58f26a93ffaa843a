public import Foundation
import MotetCore

/// Many made-up documents, and a property that holds for every one of them.
public struct FuzzRun: Sendable {
    /// How many documents are made.
    public let iterations: Int
    /// What they are made from.
    public let seed: UInt64

    /// A run of a fixed number of documents.
    public init(iterations: Int, seed: UInt64) {
        self.iterations = iterations
        self.seed = seed
    }

    /// A run of the suite, or the long one of `make soak`.
    ///
    /// - Parameters:
    ///   - iterations: how many documents the suite makes; `MOTET_SOAK_FUZZ` is how many `make soak` makes.
    ///   - environment: the variables of the process; `MOTET_FUZZ_SEED` repeats a run of `make soak`, which
    ///     takes another seed each day otherwise.
    public init(
        suite iterations: Int,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        let long = environment["MOTET_SOAK_FUZZ"].flatMap(Int.init)
        let day = UInt64(max(0, Date.now.timeIntervalSince1970 / 86_400))
        self.init(
            iterations: long ?? iterations,
            seed: environment["MOTET_FUZZ_SEED"].flatMap(UInt64.init) ?? (long == nil ? 1 : day)
        )
    }

    /// A document for which the property does not hold.
    public struct Failure: CustomStringConvertible, Sendable {
        /// The number of the document.
        public let iteration: Int
        /// The seed of the run.
        public let seed: UInt64
        /// The document, as short as it was found to fail.
        public let document: [UInt8]
        /// What is wrong.
        public let problem: String

        /// Everything that is needed to see it again.
        public var description: String {
            "seed \(seed), document \(iteration): \(problem)\n\(String(decoding: document, as: UTF8.self))\n"
                + "\(document)"
        }
    }

    /// Makes the documents in turn, to the first for which something is wrong.
    ///
    /// - Parameters:
    ///   - mutator: makes them.
    ///   - problem: what is wrong with a document; nil where the property holds.
    /// - Returns: the first failure, its document cut down to what is needed; nil where there is none.
    public func firstFailure(
        _ mutator: DocumentMutator,
        _ problem: ([UInt8]) -> String?
    ) -> Failure? {
        let key = RandomKey(seed: seed)
        for iteration in 0..<iterations {
            var random = key.split(iteration).generator()
            let document = mutator.document(&random)
            guard problem(document) != nil else { continue }
            let small = Self.shortened(document) { problem($0) != nil }
            return Failure(
                iteration: iteration,
                seed: seed,
                document: small,
                problem: problem(small) ?? ""
            )
        }
        return nil
    }

    /// A document that still fails, from which no piece of the sizes 2^k can be left out.
    static func shortened(_ document: [UInt8], while fails: ([UInt8]) -> Bool) -> [UInt8] {
        var document = document
        var size = 1 << max(0, Int.bitWidth - 1 - max(1, document.count).leadingZeroBitCount)
        while size > 0 {
            var place = 0
            while place < document.count {
                var shorter = document
                shorter.removeSubrange(place..<min(place + size, document.count))
                if fails(shorter) { document = shorter } else { place += size }
            }
            size /= 2
        }
        return document
    }
}
