import MotetCore
import MotetGraph

/// The outer loop of Domain Negotiation: parameters keep only a part of the way a round took them.
///
/// What they were at the start of the round is kept among the states, so that a checkpoint within a
/// round holds it.
///
/// - Source: Luo et al., "MAMDR", ICDE 2023, algorithm 1, equation 4.
struct DomainNegotiation {
    private let states: StateStore
    private let parameters: [String]

    /// Takes over the parameters that are trained; statistics are no part of it.
    init(_ states: StateStore, parameters: [String]) {
        self.states = states
        self.parameters = parameters
        for name in parameters where states.type(of: Self.kept(name)) == nil {
            if let tensor = states.tensor(name) { states.set(Self.kept(name), tensor) }
        }
    }

    private static func kept(_ name: String) -> String { "negotiation/\(name)" }

    /// Remembers the parameters.
    func begin() {
        for name in parameters { copy(from: name, to: Self.kept(name)) }
    }

    /// `theta <- theta + rate (theta' - theta)`.
    func end(rate: Float) {
        for name in parameters {
            guard let (now, before, count) = pair(name) else { continue }
            for index in 0..<count {
                now[index] = before[index] + rate * (now[index] - before[index])
            }
        }
    }

    private func copy(from source: String, to target: String) {
        guard let type = states.type(of: source), let from = states.memory(source),
            let to = states.memory(target)
        else { return }
        to.copyMemory(from: from, byteCount: (type.shape.fixedCount ?? 0) * type.dtype.byteCount)
    }

    private func pair(
        _ name: String
    ) -> (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int)? {
        guard let type = states.type(of: name), type.dtype == .float32,
            let now = states.memory(name), let before = states.memory(Self.kept(name))
        else { return nil }
        return (
            now.assumingMemoryBound(to: Float.self), before.assumingMemoryBound(to: Float.self),
            type.shape.fixedCount ?? 0
        )
    }
}
