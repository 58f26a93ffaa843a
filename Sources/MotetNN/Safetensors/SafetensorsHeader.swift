import MotetCore

/// The checked header of a safetensors file.
struct SafetensorsHeader {
    /// One tensor of the file.
    struct Entry {
        let name: String
        let dtype: String
        let shape: [Int]
        /// Where the elements lie, from the end of the header.
        let range: Range<Int>
    }

    let metadata: [String: String]
    let entries: [Entry]
    /// Where the elements of the first tensor start.
    let bodyStart: Int

    init(bytes: UnsafeRawBufferPointer, name: String) throws(SafetensorsError) {
        func malformed(_ message: String) -> SafetensorsError {
            SafetensorsError(.malformedFile, file: name, message)
        }
        guard bytes.count >= 8 else {
            throw SafetensorsError(
                .truncatedFile,
                file: name,
                "too short for a header; expected at least 8 bytes; received \(bytes.count)."
            )
        }
        let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[$1]) << UInt64($1 * 8) }
        guard length <= UInt64(bytes.count - 8) else {
            throw SafetensorsError(
                .truncatedFile,
                file: name,
                "the file ends within its header; expected a header of \(length) bytes; received \(bytes.count - 8). It may be cut off, or no safetensors file."
            )
        }
        bodyStart = 8 + Int(length)
        let parsed: JSONHeader
        do {
            parsed = try JSONHeader.parse(bytes[8..<bodyStart])
        } catch {
            throw malformed(
                "the header is not JSON; expected \(error.expected) at byte \(error.position)."
            )
        }
        guard case .object(let members) = parsed else {
            throw malformed("the header is not a JSON object.")
        }
        var metadata: [String: String] = [:]
        var entries: [Entry] = []
        var names = Set<String>()
        for member in members {
            guard names.insert(member.name).inserted else {
                throw malformed("two tensors are called \"\(member.name)\".")
            }
            if member.name == "__metadata__" {
                metadata = try Self.metadata(member.value, malformed)
            } else {
                entries.append(try Self.entry(member.name, member.value, malformed))
            }
        }
        try Self.checkLayout(entries, bodyCount: bytes.count - bodyStart, name: name)
        self.metadata = metadata
        self.entries = entries
    }

    private static func metadata(
        _ value: JSONHeader,
        _ malformed: (String) -> SafetensorsError
    ) throws(SafetensorsError) -> [String: String] {
        guard case .object(let members) = value else {
            throw malformed("\"__metadata__\" is not an object.")
        }
        var metadata: [String: String] = [:]
        for member in members {
            guard case .string(let text) = member.value else {
                throw malformed("the metadata \"\(member.name)\" is not a string.")
            }
            metadata[member.name] = text
        }
        return metadata
    }

    private static func entry(
        _ name: String,
        _ value: JSONHeader,
        _ malformed: (String) -> SafetensorsError
    ) throws(SafetensorsError) -> Entry {
        guard case .object(let members) = value else {
            throw malformed("the tensor \"\(name)\" is not described by an object.")
        }
        func member(_ key: String) -> JSONHeader? { members.first { $0.name == key }?.value }
        guard case .string(let dtype)? = member("dtype"), let shape = integers(member("shape")),
            let offsets = integers(member("data_offsets")), offsets.count == 2,
            offsets[0] >= 0, offsets[0] <= offsets[1], shape.allSatisfy({ $0 >= 0 })
        else {
            throw malformed(
                "the tensor \"\(name)\" is badly described; expected `dtype`, `shape` and two `data_offsets` in order."
            )
        }
        guard let size = sizes[dtype] else {
            throw malformed(
                "the tensor \"\(name)\" has a type that is not read; expected F32, I32 or I64; received \(dtype)."
            )
        }
        var expected = size
        for factor in shape {
            let (product, overflows) = expected.multipliedReportingOverflow(by: factor)
            guard !overflows else {
                throw malformed("the shape \(shape) of the tensor \"\(name)\" is too large.")
            }
            expected = product
        }
        guard offsets[1] - offsets[0] == expected else {
            throw malformed(
                "the offsets of the tensor \"\(name)\" do not fit its shape; expected \(expected) bytes for \(dtype) \(shape); received \(offsets[1] - offsets[0])."
            )
        }
        return Entry(name: name, dtype: dtype, shape: shape, range: offsets[0]..<offsets[1])
    }

    /// The bytes of one element of each type that is read.
    private static let sizes = ["F32": 4, "I32": 4, "I64": 8]

    private static func integers(_ value: JSONHeader?) -> [Int]? {
        guard case .array(let elements)? = value else { return nil }
        var integers: [Int] = []
        for element in elements {
            guard case .integer(let integer) = element else { return nil }
            integers.append(integer)
        }
        return integers
    }

    /// Tensors fill the rest of the file, without gaps or overlaps.
    private static func checkLayout(
        _ entries: [Entry],
        bodyCount: Int,
        name: String
    ) throws(SafetensorsError) {
        var end = 0
        let order = entries.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        for entry in order {
            guard entry.range.lowerBound == end else {
                throw SafetensorsError(
                    .malformedFile,
                    file: name,
                    "the tensor \"\(entry.name)\" does not follow the one before it; expected it at byte \(end) of the data; received \(entry.range.lowerBound)."
                )
            }
            end = entry.range.upperBound
        }
        guard bodyCount >= end else {
            throw SafetensorsError(
                .truncatedFile,
                file: name,
                "the file ends within its data; expected \(end) bytes of elements; received \(bodyCount). It may be cut off: copy or save it again."
            )
        }
        guard bodyCount == end else {
            throw SafetensorsError(
                .malformedFile,
                file: name,
                "bytes follow the last tensor; expected \(end) bytes of elements; received \(bodyCount)."
            )
        }
    }
}

extension SafetensorsHeader.Entry {
    /// The tensor with the given elements; 64-bit integers are narrowed.
    func tensor(
        of elements: UnsafeRawBufferPointer,
        file: String
    ) throws(SafetensorsError) -> Tensor {
        guard dtype == "I64" else {
            var tensor = Tensor(zeros: shape, dtype: dtype == "F32" ? .float32 : .int32)
            tensor.withMutableBytes { $0.copyMemory(from: elements) }
            return tensor
        }
        var narrowed: [Int32] = []
        narrowed.reserveCapacity(elements.count / 8)
        for index in 0..<elements.count / 8 {
            let wide = elements.loadUnaligned(fromByteOffset: index * 8, as: Int64.self)
            guard let number = Int32(exactly: Int64(littleEndian: wide)) else {
                throw SafetensorsError(
                    .numberOutOfRange,
                    file: file,
                    "an element of the tensor \"\(name)\" does not fit in 32 bits; expected -2147483648 to 2147483647; received \(wide) at position \(index)."
                )
            }
            narrowed.append(number)
        }
        return Tensor(narrowed, shape: shape)
    }
}
