/// The values a categorical feature knows, with an id each.
///
/// Id 0 stands for every other value; the values have ids `1 ... count`.
public struct Vocabulary: Hashable, Sendable {
    /// The texts of all values, end to end.
    let bytes: [UInt8]
    /// Where each value's text starts; one more entry than there are values.
    let offsets: [Int64]

    /// The id of a value outside the vocabulary.
    public static let unknownID: Int32 = 0

    /// Creates a vocabulary of values, with ids from 1 in this order.
    public init(_ values: some Sequence<String>) {
        var bytes: [UInt8] = []
        var offsets: [Int64] = [0]
        for value in values {
            bytes.append(contentsOf: value.utf8)
            offsets.append(Int64(bytes.count))
        }
        self.init(bytes: bytes, offsets: offsets)
    }

    init(bytes: [UInt8], offsets: [Int64]) {
        self.bytes = bytes
        self.offsets = offsets
    }

    /// The number of values, the unknown id not counted.
    public var count: Int { offsets.count - 1 }

    /// The value of an id from 1; integers in decimal.
    public func value(of id: Int) -> String {
        precondition(id >= 1 && id <= count, "no value has id \(id)")
        return String(decoding: bytes[Int(offsets[id - 1])..<Int(offsets[id])], as: UTF8.self)
    }

    /// All values in order of their ids, from id 1.
    public var values: [String] { (0..<count).map { value(of: $0 + 1) } }

    /// A look-up from value to id, made anew at each call.
    public func ids() -> [String: Int32] {
        var ids: [String: Int32] = [:]
        ids.reserveCapacity(count)
        for id in 0..<count { ids[value(of: id + 1)] = Int32(id + 1) }
        return ids
    }
}

extension Vocabulary: Codable {
    /// Reads the values from an array of texts.
    public init(from decoder: any Decoder) throws {
        self.init(try [String](from: decoder))
    }

    /// Writes the values as an array of texts.
    public func encode(to encoder: any Encoder) throws {
        try values.encode(to: encoder)
    }
}
