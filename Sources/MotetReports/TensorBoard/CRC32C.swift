/// The cyclic redundancy check of event files: CRC-32C, with the polynomial of Castagnoli.
///
/// - Source: RFC 3720, appendix B.4, has the polynomial and known values. The mask that keeps a checksum of data
///   holding checksums apart is that of TensorFlow's record format:
///   <https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details>.
enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { rest, _ in
            rest & 1 == 1 ? rest >> 1 ^ 0x82F6_3B78 : rest >> 1
        }
    }

    /// The checksum of bytes.
    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { rest, byte in
            rest >> 8 ^ table[Int(UInt8(truncatingIfNeeded: rest) ^ byte)]
        }
    }

    /// The checksum as records hold it.
    static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let checksum = checksum(bytes)
        return (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
    }
}
