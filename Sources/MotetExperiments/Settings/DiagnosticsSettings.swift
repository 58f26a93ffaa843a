import MotetConfiguration

/// What is looked at during training, for `motet explain`; none of it changes what is trained.
public struct DiagnosticsSettings: Hashable, Sendable {
    /// In how many steps of an epoch the gradients of tasks are compared; nil for one in 25 steps for each task, one at
    /// least and eight at most; 0 for none.
    public var gradients: Int?

    init(reading reader: ConfigurationReader) {
        gradients = reader.integer(ifPresent: "gradients", in: .between(0, 10_000))
    }

    /// The settings as a tree that reads back equal; nil where all is as usual.
    var node: ConfigurationNode? {
        gradients.map { ["gradients": .integer($0)] }
    }
}
