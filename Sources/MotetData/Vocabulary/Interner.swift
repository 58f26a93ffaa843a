import CKernels

/// Numbers distinct values in order of appearance; integers and their decimal spelling are one.
final class Interner {
    let pointer: OpaquePointer

    init() {
        guard let pointer = motet_interner_create() else {
            fatalError("no memory for a dictionary")
        }
        self.pointer = pointer
    }

    deinit { motet_interner_destroy(pointer) }

    var count: Int { Int(motet_interner_count(pointer)) }

    /// The code of one text.
    func code(of text: String) throws(PreparationError) -> Int32 {
        var text = text
        var code: Int32 = -1
        let status = text.withUTF8 { bytes in
            let offsets: [Int64] = [0, Int64(bytes.count)]
            return motet_intern_texts(
                pointer,
                offsets,
                1,
                bytes.baseAddress ?? Self.nothing,
                nil,
                1,
                &code
            )
        }
        guard status == 0 else { throw PreparationError.tooManyValues }
        return code
    }

    /// The code of a text that is known, or nil; any threads may look at once while none adds.
    func find(_ text: String) -> Int32? {
        var text = text
        let code = text.withUTF8 { bytes in
            bytes.baseAddress.map {
                motet_interner_find_text(pointer, $0, Int64(bytes.count))
            } ?? -1
        }
        return code >= 0 ? code : nil
    }

    /// The code of an integer that is known, or nil; see `find(_:)` of a text.
    func find(_ integer: Int64) -> Int32? {
        let code = motet_interner_find_integer(pointer, integer)
        return code >= 0 ? code : nil
    }

    /// Adds all values of a vocabulary and gives their codes.
    func codes(of vocabulary: Vocabulary) throws(PreparationError) -> [Int32] {
        var codes = [Int32](repeating: -1, count: vocabulary.count)
        let status = vocabulary.bytes.withUnsafeBufferPointer { bytes in
            motet_intern_texts(
                pointer,
                vocabulary.offsets,
                1,
                bytes.baseAddress ?? Self.nothing,
                nil,
                Int64(vocabulary.count),
                &codes
            )
        }
        guard status == 0 else { throw PreparationError.tooManyValues }
        return codes
    }

    /// The values of codes, with ids from 1 in this order.
    func vocabulary(_ codes: [Int32]) -> Vocabulary {
        let bound = Int(motet_interner_text_bound(pointer, codes, Int64(codes.count)))
        var offsets = [Int64](repeating: 0, count: codes.count + 1)
        let bytes = [UInt8](unsafeUninitializedCapacity: max(bound, 1)) { buffer, size in
            guard let base = buffer.baseAddress else { return }
            size = Int(
                motet_interner_spell(pointer, codes, Int64(codes.count), &offsets, base)
            )
        }
        return Vocabulary(bytes: bytes, offsets: offsets)
    }

    /// The value of a code.
    func text(_ code: Int32) -> String { vocabulary([code]).value(of: 1) }

    /// The stable hash of a code's value.
    func hash(_ code: Int32) -> UInt64 { motet_interner_hash(pointer, code) }

    /// Where a text of no bytes lies.
    private static var nothing: UnsafePointer<UInt8>? { UnsafePointer(bitPattern: 1) }
}
