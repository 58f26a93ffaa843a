import Synchronization

/// The most recent answers, for the console: a ring that forgets the oldest.
///
/// A route asks ``isDue`` before it makes a ``Decision``, and hands it to ``add(_:)``:
///
/// ```swift
/// if decisions.isDue { decisions.add(Decision(kind: .recommend, request: id, ...)) }
/// ```
///
/// Of busy traffic some are kept, ``perSecond`` a second at most, so that those that are shown stay for a while and
/// the others cost nothing. Users are kept as pseudonyms: a keyed hash whose key ends with the process, cut
/// to 32 bits.
final class DecisionLog: Sendable {
    /// How many are taken within a second.
    static let perSecond = 20

    private struct State {
        var ring: [Decision] = []
        var next = 0
        var second = -1
        var taken = 0
    }

    /// How many are kept.
    let capacity: Int
    private let state = Mutex(State())
    private let start = ContinuousClock.now
    private let key = UInt64.random(in: 0 ... .max)

    /// A log without decisions.
    ///
    /// - Parameter capacity: how many are kept; 0 takes none.
    init(capacity: Int) { self.capacity = capacity }

    /// Whether a decision that is made now would be kept.
    var isDue: Bool {
        guard capacity > 0 else { return false }
        let second = second
        return state.withLock { $0.second != second || $0.taken < Self.perSecond }
    }

    /// Keeps a decision, its user as a pseudonym; the oldest goes where there is no more room.
    func add(_ decision: Decision) {
        guard capacity > 0 else { return }
        var decision = decision
        decision.user = decision.user.map { pseudonym(of: $0) }
        decision.top = Array(decision.top.prefix(Decision.items))
        let second = second
        state.withLock { state in
            if state.second != second { (state.second, state.taken) = (second, 0) }
            guard state.taken < Self.perSecond else { return }
            state.taken += 1
            if state.ring.count < capacity {
                state.ring.append(decision)
            } else {
                state.ring[state.next] = decision
            }
            state.next = (state.next + 1) % capacity
        }
    }

    /// The decisions, the newest first.
    var recent: [Decision] {
        let (ring, next) = state.withLock { ($0.ring, $0.next) }
        guard ring.count == capacity else { return ring.reversed() }
        return Array((ring[next...] + ring[..<next]).reversed())
    }

    /// What stands for a user: the same for the same user as long as the process lives.
    func pseudonym(of user: String) -> String {
        // SipHash with the process's own random key, and one of the log's.
        var hasher = Hasher()
        hasher.combine(key)
        hasher.combine(user)
        let digits = String(UInt32(truncatingIfNeeded: hasher.finalize()), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    private var second: Int { Int((ContinuousClock.now - start) / .seconds(1)) }
}
