import MotetConfiguration
public import MotetData
public import MotetMetrics

/// A task of an experiment: its label, loss, weight, sample space and metrics.
public struct TaskSettings: Hashable, Sendable {
    /// The task's name, also of its output and its prediction column.
    public var name: String
    /// The column of its labels.
    public var column: String
    /// Which values of the column are positive; nil expects 0 and 1.
    public var positive: LabelRule?
    /// The classes, in order, of a task with several; nil takes those of the training rows.
    public var classes: [String]?
    /// How the output is compared with the label.
    public var loss: LossSettings
    /// The factor of the loss in the sum of all tasks.
    public var weight: Float
    /// The task within whose positive rows this one is defined.
    public var within: String?
    /// What is measured.
    public var metrics: [Metric]
    /// What decisions by its probability cost; nil where nobody said.
    public var costs: TaskCosts?
    /// How its probabilities are calibrated on the validation rows; nil leaves them as the model predicts them.
    public var calibration: CalibrationSettings?
    /// What makes the prediction fall with a price; nil where nothing does.
    public var demand: DemandSettings?

    init(reading reader: ConfigurationReader) {
        name = reader.string("name")
        column = reader.string("label", default: name)
        loss = reader.variant("loss", of: LossSettings.names) {
            LossSettings(reading: $1, name: $0)
        }
        positive = reader.parsed(ifPresent: "positive") { try LabelRule(parsing: $0) }
        let names = reader.strings("classes", default: [], count: .atLeast(2))
        classes = names.isEmpty ? nil : names
        weight = Float(reader.number("weight", default: 1, in: .above(0)))
        within = reader.string(ifPresent: "within")
        metrics =
            reader.list(ifPresent: "metrics") { $0.parsed { try Metric.named($0) } }
            ?? loss.usualMetrics
        costs = reader.section(ifPresent: "costs") { TaskCosts(reading: $0) }
        calibration = reader.variant(
            ifPresent: "calibration",
            of: Calibrator.Kind.allCases.map(\.rawValue)
        ) { CalibrationSettings(reading: $1, name: $0) }
        demand = reader.section(ifPresent: "demand") { DemandSettings(reading: $0) }
        check(reader)
        checkDemand(reader)
    }

    private func check(_ reader: ConfigurationReader) {
        if calibration != nil, !loss.isBinary {
            reader.fail(
                "calibration",
                "only probabilities of yes or no are calibrated; expected a binary loss; received "
                    + "`\(loss.name)`."
            )
        }
        if positive != nil, labelKind != .binary {
            reader.fail(
                "positive",
                "a rule makes labels of 0 and 1; expected a binary loss; received `\(loss.name)`."
            )
        }
        if costs != nil, labelKind != .binary {
            reader.fail(
                "costs",
                "decisions go by a probability; expected a binary loss; received `\(loss.name)`."
            )
        }
        if classes != nil, loss.name != "categorical_cross_entropy" {
            reader.fail(
                "classes",
                "only a task with classes has them; expected the loss `categorical_cross_entropy`; "
                    + "received `\(loss.name)`."
            )
        }
        if !loss.classWeights.isEmpty, loss.classWeights.count != classes?.count {
            reader.fail(
                "loss",
                "`class_weights` follow the order of `classes`; expected both, and one weight for "
                    + "each class; received \(loss.classWeights.count) weights and "
                    + "\(classes.map { "\($0.count)" } ?? "no") classes."
            )
        }
        for metric in metrics where !loss.suits(metric) {
            reader.fail(
                "metrics",
                "`\(metric.name)` does not measure what `\(loss.name)` learns; expected one of "
                    + Metric.all.filter(loss.suits).map { "`\($0.name)`" }.joined(separator: ", ")
                    + "; received `\(metric.name)`."
            )
        }
    }

    /// What the labels are, as the loss reads them.
    public var labelKind: LabelSpecification.Kind {
        if loss.isBinary { return .binary }
        return loss.name == "categorical_cross_entropy" ? .multiclass(classes) : .numeric
    }

    /// The label as preparation reads it.
    public var label: LabelSpecification {
        LabelSpecification(name, column: column, kind: labelKind, rule: positive)
    }

    /// The task as a tree that reads back equal.
    var node: ConfigurationNode {
        .map([
            ("name", .string(name)),
            ("label", .string(column)),
            ("positive", positive.map { .string($0.text) }),
            ("classes", classes.map(ConfigurationNode.strings)),
            ("loss", loss.node),
            ("weight", .float(weight)),
            ("within", within.map(ConfigurationNode.string)),
            ("metrics", .strings(metrics.map(\.name))),
            ("costs", costs?.node),
            ("calibration", calibration?.node),
            ("demand", demand?.node),
        ])
    }
}

extension LabelRule {
    /// The rule as `init(parsing:)` reads it.
    var text: String {
        switch self {
        case .compare(let comparison, let value): "\(comparison.rawValue) \(value)"
        case .oneOf(let values): "in [" + values.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        case .noneOf(let values):
            "not in [" + values.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        }
    }
}
