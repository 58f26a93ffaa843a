/// Something an example needs and did not get, in one sentence.
public struct ExampleError: Error, CustomStringConvertible {
    /// The sentence.
    public let description: String

    /// Creates an error from its sentence.
    public init(_ description: String) { self.description = description }
}
