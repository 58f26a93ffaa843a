import Foundation
import MotetCore
import MotetGraph
import MotetNN

/// States as a safetensors file, written and read one tensor at a time.
enum StateFile {
    private static let checksumKey = "checksum"
    /// Covers names, shapes and metadata; files of other programs have neither.
    private static let headerChecksumKey = "header_checksum"

    private static func headerChecksum(
        _ entries: [SafetensorsFile.EntryDescription],
        _ metadata: [String: String]
    ) -> String {
        var metadata = metadata
        metadata[headerChecksumKey] = nil
        let sorted = entries.sorted { $0.name < $1.name }
        var checksum = StateChecksum()
        // Padded to whole words.
        SafetensorsFile.header(sorted, metadata: metadata).withUnsafeBytes { checksum.add($0) }
        return checksum.text
    }

    /// Writes states from their own memory; the file appears whole or not at all.
    static func write(
        _ states: StateStore,
        _ names: [String],
        metadata: [String: String],
        to path: String
    ) throws {
        var entries: [SafetensorsFile.EntryDescription] = []
        var checksum = StateChecksum()
        for name in names {
            guard let type = states.type(of: name), let shape = type.shape.fixedSizes else {
                continue
            }
            entries.append(.init(name: name, shape: shape, dtype: type.dtype))
            checksum.add(bytes(states, name))
        }
        var metadata = metadata
        metadata[checksumKey] = checksum.text
        metadata[headerChecksumKey] = headerChecksum(entries, metadata)
        let header = SafetensorsFile.header(entries, metadata: metadata)
        try AtomicFile.write(path) { sink in
            try header.withUnsafeBytes(sink)
            for entry in entries { try sink(bytes(states, entry.name)) }
        }
    }

    private static func bytes(_ states: StateStore, _ name: String) -> UnsafeRawBufferPointer {
        guard let type = states.type(of: name), let memory = states.memory(name) else {
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        let count = (type.shape.fixedCount ?? 0) * type.dtype.byteCount
        return UnsafeRawBufferPointer(start: memory, count: count)
    }

    /// Reads a file into states that exist, after checking all of it; nothing changes when it is not usable.
    ///
    /// Returns the file's metadata. `required` are names the file must hold.
    static func read(
        _ path: String,
        into states: StateStore,
        mustHold required: [String]
    ) throws -> [String: String] {
        let data = try contents(path)
        return try data.withUnsafeBytes { bytes in
            let file = try checked(bytes, path)
            let missing = required.filter { file.tensors[$0] == nil }
            if let name = missing.first {
                throw TrainingError(
                    .checkpointInvalid,
                    "checkpoint \"\(path)\": holds no \"\(name)\"; expected the same model and optimizer as when it was written."
                )
            }
            for (name, tensor) in file.tensors {
                guard let type = states.type(of: name) else { continue }
                guard type.shape == Shape(fixed: tensor.shape) else {
                    throw TrainingError(
                        .checkpointInvalid,
                        "checkpoint \"\(path)\": \"\(name)\" has another shape; expected \(type.shape); received \(tensor.shape)."
                    )
                }
            }
            for (name, tensor) in file.tensors where states.type(of: name) != nil {
                states.set(name, tensor)
            }
            return file.metadata
        }
    }

    /// Visits the tensors of a file.
    static func forEachTensor(_ path: String, _ body: (String, Tensor) -> Void) throws {
        let data = try contents(path)
        try data.withUnsafeBytes { bytes in
            let file = try checked(bytes, path)
            for name in file.tensors.keys.sorted() {
                if let tensor = file.tensors[name] { body(name, tensor) }
            }
        }
    }

    private static func contents(_ path: String) throws -> Data {
        do {
            return try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        } catch {
            throw TrainingError(
                .checkpointInvalid,
                "checkpoint \"\(path)\": cannot be read. Is the path right?"
            )
        }
    }

    private static func checked(
        _ bytes: UnsafeRawBufferPointer,
        _ path: String
    ) throws -> SafetensorsFile {
        let file: SafetensorsFile
        do {
            file = try SafetensorsFile(bytes: bytes, name: path)
        } catch {
            throw TrainingError(.checkpointInvalid, "\(error)")
        }
        if let expected = file.metadata[headerChecksumKey] {
            let entries = file.tensors.map { name, tensor in
                SafetensorsFile.EntryDescription(
                    name: name,
                    shape: tensor.shape,
                    dtype: tensor.dtype
                )
            }
            let received = headerChecksum(entries, file.metadata)
            guard received == expected else {
                throw changed(path, "the header does not match its", expected, received)
            }
        }
        if let expected = file.metadata[checksumKey] {
            var checksum = StateChecksum()
            // The data are the end of the file, in one stream, however they are cut into tensors.
            let count = file.tensors.values.reduce(0) { $0 + $1.byteCount }
            checksum.add(UnsafeRawBufferPointer(rebasing: bytes.suffix(count)))
            guard checksum.text == expected else {
                throw changed(path, "the contents do not match their", expected, checksum.text)
            }
        }
        return file
    }

    private static func changed(
        _ path: String,
        _ mismatch: String,
        _ expected: String,
        _ received: String
    ) -> TrainingError {
        TrainingError(
            .checkpointInvalid,
            "checkpoint \"\(path)\": \(mismatch) checksum; expected \(expected); received "
                + "\(received). The file was changed or damaged: use another checkpoint."
        )
    }
}

/// A 64-bit checksum of a stream of 4-byte elements: it finds damage, it is no defence against intent.
struct StateChecksum {
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var state = hash
        for index in 0..<(bytes.count / 4) {
            let word = bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
            state = (state ^ UInt64(word)) &* 0x0000_0100_0000_01B3
            state ^= state >> 29
        }
        hash = state
    }

    var text: String { String(hash, radix: 16) }
}
