/// What a metric says about some rows: a number, or the reason why there is none.
///
/// A metric that is undefined on its rows is reported as such; it never reads 0, 0.5 or NaN.
public struct MetricValue: Hashable, Sendable {
    /// A number, or the reason why there is none.
    public enum Outcome: Hashable, Sendable {
        /// The metric's value, always finite.
        case value(Double)
        /// The reason in a few words.
        case undefined(String)
    }

    /// How many groups a grouped metric used and left out.
    public struct Groups: Hashable, Sendable, Codable {
        /// Groups that count in the mean.
        public let used: Int
        /// Groups in which the metric is undefined, because they hold one class only.
        public let leftOut: Int

        /// Creates the counts.
        public init(used: Int, leftOut: Int) {
            self.used = used
            self.leftOut = leftOut
        }

        private enum CodingKeys: String, CodingKey {
            case used
            case leftOut = "left_out"
        }
    }

    /// A number, or the reason why there is none.
    public let outcome: Outcome
    /// The rows that count.
    public let rows: Int
    /// The rows left out: masked, without a label, or of weight 0.
    public let rowsLeftOut: Int
    /// For a grouped metric, how many groups counted.
    public let groups: Groups?

    /// Creates a value, or a reason for having none.
    public init(_ outcome: Outcome, rows: Int, rowsLeftOut: Int = 0, groups: Groups? = nil) {
        self.outcome = outcome
        self.rows = rows
        self.rowsLeftOut = rowsLeftOut
        self.groups = groups
    }

    /// The number, or nil if the metric is undefined here.
    public var value: Double? {
        guard case .value(let value) = outcome else { return nil }
        return value
    }

    /// Why the metric is undefined here, or nil if it has a value.
    public var reason: String? {
        guard case .undefined(let reason) = outcome else { return nil }
        return reason
    }
}

extension MetricValue: CustomStringConvertible {
    /// The number, or `undefined` with the reason.
    public var description: String {
        switch outcome {
        case .value(let value): "\(value)"
        case .undefined(let reason): "undefined (\(reason))"
        }
    }
}

extension MetricValue: Codable {
    private enum CodingKeys: String, CodingKey {
        case value, undefined, rows, groups
        case rowsLeftOut = "rows_left_out"
    }

    /// Reads `{"value": 0.81, "rows": 1000, ...}` or `{"undefined": "...", ...}`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let reason = try container.decodeIfPresent(String.self, forKey: .undefined) {
            outcome = .undefined(reason)
        } else {
            outcome = .value(try container.decode(Double.self, forKey: .value))
        }
        rows = try container.decode(Int.self, forKey: .rows)
        rowsLeftOut = try container.decodeIfPresent(Int.self, forKey: .rowsLeftOut) ?? 0
        groups = try container.decodeIfPresent(Groups.self, forKey: .groups)
    }

    /// Writes the number under `value`, or the reason under `undefined`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch outcome {
        case .value(let value): try container.encode(value, forKey: .value)
        case .undefined(let reason): try container.encode(reason, forKey: .undefined)
        }
        try container.encode(rows, forKey: .rows)
        try container.encode(rowsLeftOut, forKey: .rowsLeftOut)
        try container.encodeIfPresent(groups, forKey: .groups)
    }
}
