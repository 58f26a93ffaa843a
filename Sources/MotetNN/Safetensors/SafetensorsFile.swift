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
        let entries = names.compactMap { name in
            tensors[name].map { EntryDescription(name: name, shape: $0.shape, dtype: $0.dtype) }
        }
        try Self.header(entries, metadata: metadata).withUnsafeBytes(sink)
        for name in names {
            guard let tensor = tensors[name] else { continue }
            try tensor.withBytes(sink)
        }
    }
}
