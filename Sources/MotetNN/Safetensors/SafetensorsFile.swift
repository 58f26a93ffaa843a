public import MotetCore

/// Named tensors in the safetensors format, as bytes in memory.
///
/// A file is an 8-byte little-endian header length, a JSON header, and the elements of all tensors
/// without gaps. Callers read and write the bytes; nothing here touches a disk.
///
/// - Source: <https://github.com/huggingface/safetensors>, section "Format".
public struct SafetensorsFile: Sendable, Equatable {
    /// The tensors by name.
    public var tensors: [String: Tensor]
    /// Strings that say where the tensors come from.
    public var metadata: [String: String]

    /// Creates a file from its contents.
    public init(tensors: [String: Tensor] = [:], metadata: [String: String] = [:]) {
        self.tensors = tensors
        self.metadata = metadata
    }

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - name: the file's name, for messages.
    /// - Throws: `SafetensorsError` when the file is truncated or breaks the format, or a tensor has
    ///   another type than F32, I32 or I64; elements of I64 must fit in 32 bits.
    public init(bytes: UnsafeRawBufferPointer, name: String) throws(SafetensorsError) {
        let header = try SafetensorsHeader(bytes: bytes, name: name)
        let body = UnsafeRawBufferPointer(rebasing: bytes[header.bodyStart...])
        metadata = header.metadata
        tensors = [:]
        for entry in header.entries {
            let elements = UnsafeRawBufferPointer(rebasing: body[entry.range])
            tensors[entry.name] = try entry.tensor(of: elements, file: name)
        }
    }

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - name: the file's name, for messages.
    /// - Throws: `SafetensorsError` as `init(bytes:name:)` over a buffer does.
    public init(bytes: [UInt8], name: String) throws(SafetensorsError) {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(SafetensorsError) in
                try SafetensorsFile(bytes: buffer, name: name)
            }
        }
        self = try result.get()
    }

    /// The file's bytes.
    ///
    /// Tensors stand in the order of their names, so equal contents give equal bytes.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        write { bytes += Array($0) }
        return bytes
    }

    /// Hands the file's bytes over piece by piece, without a second copy of all tensors.
    ///
    /// - Parameter sink: receives the header, then each tensor's elements.
    /// - Throws: what the sink throws.
    public func write(to sink: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        let names = tensors.keys.sorted()
        let header = header(names)
        let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> ($0 * 8)) }
        try (length + header).withUnsafeBytes(sink)
        for name in names {
            guard let tensor = tensors[name] else { continue }
            try tensor.withBytes(sink)
        }
    }

    /// The header's text, padded with spaces so that elements start at a multiple of 8.
    private func header(_ names: [String]) -> [UInt8] {
        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.keys.sorted().map { key in
                JSONHeader.quoted(key) + ":" + JSONHeader.quoted(metadata[key] ?? "")
            }
            members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        var start = 0
        for name in names {
            guard let tensor = tensors[name] else { continue }
            let end = start + tensor.byteCount
            let dtype = tensor.dtype == .float32 ? "F32" : "I32"
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(JSONHeader.quoted(name)):{\"dtype\":\"\(dtype)\",\"shape\":[\(shape)],\"data_offsets\":[\(start),\(end)]}"
            )
            start = end
        }
        var text = Array("{\(members.joined(separator: ","))}".utf8)
        while !text.count.isMultiple(of: 8) { text.append(0x20) }
        return text
    }
}
