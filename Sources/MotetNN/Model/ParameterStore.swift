public import MotetCore

/// The numbers of a model by name, as a value: keeping the best, going back, and handing a model on are
/// assignments.
public struct ParameterStore: Sendable, Equatable {
    private var tensors: [String: Tensor] = [:]
    /// The names in the order of the model's layers.
    public private(set) var names: [String] = []

    /// An empty store.
    public init() {}

    /// Draws the values of all parameters.
    ///
    /// - Parameters:
    ///   - descriptions: the parameters of a model.
    ///   - key: the seed; each parameter gets a seed of its own by name, so adding one changes no other.
    public init(_ descriptions: [ParameterDescription], key: RandomKey) {
        for description in descriptions {
            self[description.name] = description.initializer.tensor(
                shape: description.shape,
                key: key.split(description.name)
            )
        }
    }

    /// The values of a parameter; nil when there is none of that name.
    public subscript(name: String) -> Tensor? {
        get { tensors[name] }
        set {
            if tensors[name] == nil, newValue != nil { names.append(name) }
            if newValue == nil { names.removeAll { $0 == name } }
            tensors[name] = newValue
        }
    }

    /// The number of elements of all parameters.
    public var elementCount: Int { tensors.values.reduce(0) { $0 + $1.count } }
}
