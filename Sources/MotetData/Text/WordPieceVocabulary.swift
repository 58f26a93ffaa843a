/// Pieces of words by their bytes: a tree with one step a byte.
///
/// Pieces that begin a word and pieces that continue one (`##ing`) hang from two roots. Bytes are compared,
/// not characters: `e` with an accent and the letter of one code point are two pieces.
struct WordPieceVocabulary: Sendable {
    /// The root of pieces that begin a word.
    static let wordStart: UInt32 = 0
    /// The root of pieces that continue a word.
    static let wordContinuation: UInt32 = 1
    private static let empty = UInt32.max

    /// The pieces in the order of their ids.
    let pieces: [String]
    // Open addressing: the key is the node and the byte, the value the next node.
    private var keys: [UInt64]
    private var nodes: [UInt32]
    /// The id of the piece that ends at a node, or -1.
    private var ids: [Int32] = [-1, -1]

    init(_ pieces: [String]) {
        self.pieces = pieces
        let bytes = pieces.reduce(0) { $0 + $1.utf8.count }
        var capacity = 1024
        while capacity < 2 * bytes { capacity *= 2 }
        keys = Array(repeating: .max, count: capacity)
        nodes = Array(repeating: Self.empty, count: capacity)
        for (id, piece) in pieces.enumerated() {
            let isContinuation = piece.utf8.starts(with: "##".utf8) && piece.utf8.count > 2
            var node = isContinuation ? Self.wordContinuation : Self.wordStart
            for byte in piece.utf8.dropFirst(isContinuation ? 2 : 0) {
                node = child(of: node, byte) ?? add(node, byte)
            }
            ids[Int(node)] = Int32(id)
        }
    }

    /// The id of the piece that ends at a node, or nil.
    func id(at node: UInt32) -> Int32? {
        let id = ids[Int(node)]
        return id < 0 ? nil : id
    }

    /// The node after one more byte, or nil.
    func child(of node: UInt32, _ byte: UInt8) -> UInt32? {
        let key = UInt64(node) << 8 | UInt64(byte)
        var slot = slot(of: key)
        while nodes[slot] != Self.empty {
            if keys[slot] == key { return nodes[slot] }
            slot = (slot + 1) & (keys.count - 1)
        }
        return nil
    }

    private mutating func add(_ node: UInt32, _ byte: UInt8) -> UInt32 {
        let key = UInt64(node) << 8 | UInt64(byte)
        var slot = slot(of: key)
        while nodes[slot] != Self.empty { slot = (slot + 1) & (keys.count - 1) }
        let made = UInt32(ids.count)
        ids.append(-1)
        keys[slot] = key
        nodes[slot] = made
        return made
    }

    private func slot(of key: UInt64) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 24) & (keys.count - 1)
    }
}
