/// The texts of a column as bytes in UTF-8, valid only inside the closure they are passed to.
public struct ArrowTexts {
    /// The number of rows.
    public let count: Int
    /// Where each text begins in `bytes`; `count + 1` values.
    public let offsets: UnsafePointer<Int32>?
    /// The bytes of all texts.
    public let bytes: UnsafePointer<UInt8>?

    /// The bytes of a row's text; empty where it is missing or empty.
    public subscript(row: Int) -> UnsafeBufferPointer<UInt8> {
        guard let offsets, let bytes else { return UnsafeBufferPointer(start: nil, count: 0) }
        precondition(row >= 0 && row < count, "ArrowTexts: row \(row) is out of range.")
        let start = Int(offsets[row])
        return UnsafeBufferPointer(start: bytes + start, count: Int(offsets[row + 1]) - start)
    }
}
