/// The places of names in a list, found faster than by a dictionary of `String`.
///
/// `@unchecked Sendable`: names are added in `init` only; finding one changes nothing.
public final class NameIndex: @unchecked Sendable {
    private let names = Interner()
    /// The number of names.
    public let count: Int

    /// Numbers names in their order.
    ///
    /// - Parameters:
    ///   - list: the names.
    ///   - repeated: told the place of a name that was there before; names behind it are not placed rightly, so it should throw.
    /// - Throws: what `repeated` throws, ``PreparationError`` where memory runs out.
    public init(_ list: some Collection<String>, repeated: (Int) throws -> Void) throws {
        for (place, name) in list.enumerated() where try names.code(of: name) != place {
            try repeated(place)
        }
        count = list.count
    }

    /// The place of a name; nil where it is not in the list.
    public func place(of name: String) -> Int? { names.find(name).map { Int($0) } }
}
