/// What tells orders apart: 128 bits of a keyed hash.
public struct RiskIdentity: Hashable, Sendable {
    /// The first 64 bits.
    public let high: UInt64
    /// The last 64 bits.
    public let low: UInt64

    /// Creates an identity from a hash.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// An order as it is remembered: nothing but hashes, a time and an amount.
public struct RiskOrder: Hashable, Sendable {
    /// What tells it from other orders.
    public let id: RiskIdentity
    /// When it was placed, in milliseconds since 1970.
    public let time: Int64
    /// Its amount; 0 for a review.
    public let amount: Double
    /// For each of ``RiskDimension``, in their order, a hash of the dimension and the value; 0 where there is none.
    let tokens: [UInt64]

    /// Creates an order.
    ///
    /// - Parameters:
    ///   - id: what tells it from other orders.
    ///   - time: when it was placed, in milliseconds since 1970.
    ///   - amount: its amount.
    ///   - tokens: a hash of the dimension and the value, for each that is known; those of two dimensions are never equal.
    public init(
        id: RiskIdentity,
        time: Int64,
        amount: Double,
        tokens: [RiskDimension: UInt64]
    ) {
        self.init(
            id: id,
            time: time,
            amount: amount,
            tokens: RiskDimension.allCases.map { tokens[$0] ?? 0 }
        )
    }

    init(id: RiskIdentity, time: Int64, amount: Double, tokens: [UInt64]) {
        self.id = id
        self.time = time
        self.amount = amount
        self.tokens = tokens
    }

    /// The hash of a dimension; nil where there is none.
    func token(_ dimension: RiskDimension) -> UInt64? {
        let token = tokens[dimension.place]
        return token == 0 ? nil : token
    }
}

extension RiskDimension {
    /// The place among all dimensions.
    var place: Int {
        switch self {
        case .account: 0
        case .device: 1
        case .address: 2
        case .email: 3
        case .phone: 4
        case .payment: 5
        case .ip: 6
        }
    }
}

/// What orders add up to.
public struct RiskCounts: Hashable, Sendable {
    /// How many there are.
    public var orders: Int
    /// The sum of their amounts.
    public var amount: Double
    /// How many accounts placed them; orders without an account count for none.
    public var accounts: Int

    /// Names counts.
    public init(orders: Int, amount: Double, accounts: Int) {
        self.orders = orders
        self.amount = amount
        self.accounts = accounts
    }
}
