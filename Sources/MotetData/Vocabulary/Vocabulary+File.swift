import Foundation

extension Vocabulary {
    /// The vocabulary as a text file: one value a line in order of the ids, `\\`, `\n` and `\r`
    /// standing for a backslash, a line feed and a carriage return.
    func fileContents() -> Data {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + count)
        let special: Set<UInt8> = [0x5C, 0x0A, 0x0D]
        let isPlain = !bytes.contains { $0 == 0x5C || $0 == 0x0A || $0 == 0x0D }
        for index in 0..<count {
            let text = bytes[Int(offsets[index])..<Int(offsets[index + 1])]
            if isPlain {
                output.append(contentsOf: text)
            } else {
                for byte in text {
                    if special.contains(byte) { output.append(0x5C) }
                    output.append(byte == 0x0A ? 0x6E : byte == 0x0D ? 0x72 : byte)
                }
            }
            output.append(0x0A)
        }
        return Data(output)
    }

    /// Reads what `fileContents()` wrote; nil where the last line is cut off.
    init?(fileContents data: Data) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(data.count)
        var offsets: [Int64] = [0]
        let isWhole = data.withUnsafeBytes { file in
            var rest = file[...]
            while let end = Self.place(of: 0x0A, in: rest) {
                guard Self.append(rest[..<end], to: &bytes) else { return false }
                offsets.append(Int64(bytes.count))
                rest = rest[(end + 1)...]
            }
            return rest.isEmpty
        }
        guard isWhole else { return nil }
        self.init(bytes: bytes, offsets: offsets)
    }

    /// Adds a line as the text it stands for; false where it ends inside an escape.
    private static func append(
        _ line: Slice<UnsafeRawBufferPointer>,
        to bytes: inout [UInt8]
    ) -> Bool {
        guard place(of: 0x5C, in: line) != nil else {
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: line))
            return true
        }
        var isEscaped = false
        for byte in line {
            if isEscaped {
                bytes.append(byte == 0x6E ? 0x0A : byte == 0x72 ? 0x0D : byte)
                isEscaped = false
            } else if byte == 0x5C {
                isEscaped = true
            } else {
                bytes.append(byte)
            }
        }
        return !isEscaped
    }

    private static func place(of byte: UInt8, in bytes: Slice<UnsafeRawBufferPointer>) -> Int? {
        let buffer = UnsafeRawBufferPointer(rebasing: bytes)
        guard let base = buffer.baseAddress, let found = memchr(base, Int32(byte), buffer.count)
        else { return nil }
        return bytes.startIndex + (UnsafeRawPointer(found) - base)
    }
}
