import Foundation
public import MotetNN

/// What a task with a head of demand says of a row at every price.
///
/// `prediction(p) = f(level + elasticity log(p / reference))` with `f` the exponential for counts, and
/// `1 / (1 + exp(-x))` for a yes or no.
public struct DemandCurve: Hashable, Sendable {
    /// The logarithm of the expected number, or the logit of the probability, at the reference price.
    public let level: Double
    /// How the logarithm, or the logit, changes with the logarithm of the price; always below 0.
    public let elasticity: Double
    /// The reference price, above 0, in the unit of the price's column.
    public let reference: Double
    /// What turns the sum into a prediction.
    public let link: Loss.Link

    /// Describes a curve.
    public init(level: Double, elasticity: Double, reference: Double, link: Loss.Link) {
        self.level = level
        self.elasticity = elasticity
        self.reference = reference
        self.link = link
    }

    /// The prediction at a price.
    ///
    /// - Parameter price: above 0, in the unit of the price's column.
    /// - Returns: the expected number, or the probability.
    public func callAsFunction(_ price: Double) -> Double {
        let sum = level + elasticity * (log(price) - log(reference))
        return switch link {
        case .exponential: exp(sum)
        case .sigmoid: 1 / (1 + exp(-sum))
        case .identity, .softmax: sum
        }
    }
}
