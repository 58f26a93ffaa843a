public import MotetCore

/// An ad, a budget, a price or a log of decisions that cannot be as it is described.
public struct DecisionError: ReportableError, Hashable {
    /// The kind of mistake.
    public let code: ErrorCode
    /// The sentence.
    public let description: String

    /// Creates an error from its code and sentence.
    public init(_ code: ErrorCode, _ description: String) {
        self.code = code
        self.description = description
    }
}

extension ErrorCode {
    /// A bid that is none.
    public static let bid = ErrorCode(rawValue: "bid")
    /// An ad whose probabilities or share are out of range.
    public static let ad = ErrorCode(rawValue: "ad")
    /// Settings of an auction that are out of range.
    public static let auction = ErrorCode(rawValue: "auction")
    /// A budget, or a plan to spend it, that is out of range.
    public static let budget = ErrorCode(rawValue: "budget")
    /// A number of a logged decision that is out of its range.
    public static let decision = ErrorCode(rawValue: "decision")
    /// Settings of a policy's evaluation that are out of range.
    public static let policyEvaluation = ErrorCode(rawValue: "policy_evaluation")
    /// Rules of prices, or a demand, that are out of range.
    public static let pricing = ErrorCode(rawValue: "pricing")
    /// Rules or costs of risks that are out of range.
    public static let risk = ErrorCode(rawValue: "risk")
    /// A file with the orders of risks that cannot be read or written.
    public static let riskStore = ErrorCode(rawValue: "risk_store")
    /// An order of risks that was decided, and may not be on the disk.
    public static let riskUnsure = ErrorCode(rawValue: "risk_unsure")
    /// A campaign the ledger does not know.
    public static let unknownCampaign = ErrorCode(rawValue: "unknown_campaign")
}
