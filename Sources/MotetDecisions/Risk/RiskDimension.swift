/// What orders may have in common.
public enum RiskDimension: String, CaseIterable, Hashable, Sendable {
    /// The account that orders.
    case account
    /// The device it orders from.
    case device
    /// The address that is delivered to.
    case address
    /// The e-mail address.
    case email
    /// The telephone number.
    case phone
    /// What is paid with, such as a card.
    case payment
    /// The address in the network.
    case ip
}

/// What is done with an order or a review, the mildest first.
public enum RiskDecision: String, CaseIterable, Hashable, Sendable, Comparable {
    /// It goes through.
    case allow
    /// Somebody looks at it.
    case review
    /// It is refused.
    case block

    private var severity: Int {
        switch self {
        case .allow: 0
        case .review: 1
        case .block: 2
        }
    }

    /// Whether one is milder than another.
    public static func < (left: RiskDecision, right: RiskDecision) -> Bool {
        left.severity < right.severity
    }
}
