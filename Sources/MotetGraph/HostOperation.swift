public import MotetCore

/// An operation on a handful of numbers that is written in Swift once and runs on every backend alike.
///
/// For rules that look at a few losses or products of gradients and would be many small kernels: the
/// backend calls ``evaluate(_:)`` in the middle of a program. All its types have constant sizes.
public protocol HostOperation: Operation {
    /// Computes the outputs.
    ///
    /// - Parameter inputs: the inputs, of the types the shape rule was given.
    /// - Returns: the outputs, of the types the shape rule says.
    func evaluate(_ inputs: [Tensor]) -> [Tensor]
}
