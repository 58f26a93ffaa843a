public import MotetCore

extension SafetensorsFile {
    /// A tensor of a file that is written without having all tensors at hand.
    public struct EntryDescription: Sendable, Hashable {
        /// The tensor's name.
        public let name: String
        /// The sizes.
        public let shape: [Int]
        /// The element type.
        public let dtype: DType

        /// Describes a tensor.
        public init(name: String, shape: [Int], dtype: DType) {
            self.name = name
            self.shape = shape
            self.dtype = dtype
        }
    }

    /// The start of a file: the header's length and the header.
    ///
    /// The elements of the entries follow it, in their order and without gaps.
    ///
    /// - Parameters:
    ///   - entries: the tensors in the order of their elements.
    ///   - metadata: strings that say where the tensors come from.
    /// - Returns: the bytes before the first element.
    public static func header(
        _ entries: [EntryDescription],
        metadata: [String: String]
    ) -> [UInt8] {
        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.keys.sorted().map { key in
                JSONHeader.quoted(key) + ":" + JSONHeader.quoted(metadata[key] ?? "")
            }
            members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        var start = 0
        for entry in entries {
            let end = start + entry.shape.reduce(entry.dtype.byteCount, *)
            let dtype = entry.dtype == .float32 ? "F32" : "I32"
            let shape = entry.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(JSONHeader.quoted(entry.name)):{\"dtype\":\"\(dtype)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(start),\(end)]}"
            )
            start = end
        }
        // Padded with spaces so that elements start at a multiple of 8.
        var text = Array("{\(members.joined(separator: ","))}".utf8)
        while !text.count.isMultiple(of: 8) { text.append(0x20) }
        return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> ($0 * 8)) } + text
    }
}
