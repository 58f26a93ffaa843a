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
        var escaped = false
        for byte in data {
            if escaped {
                bytes.append(byte == 0x6E ? 0x0A : byte == 0x72 ? 0x0D : byte)
                escaped = false
            } else if byte == 0x5C {
                escaped = true
            } else if byte == 0x0A {
                offsets.append(Int64(bytes.count))
            } else {
                bytes.append(byte)
            }
        }
        guard !escaped, data.last == nil || data.last == 0x0A else { return nil }
        self.init(bytes: bytes, offsets: offsets)
    }
}
