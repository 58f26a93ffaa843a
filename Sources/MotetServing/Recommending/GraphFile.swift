import Foundation
import Logging
import MotetCore
import MotetData
import MotetRetrieval
import MotetTraining

/// A file with the graph of a catalogue's vectors, so that a start with the same vectors need not make it.
///
/// The file has the text `motet graph 1` and a line feed; then whole numbers of 64 bits, least byte first: two of the hash of
/// vectors and settings, the number of words, two of the words' hash; then the words of 32 bits (`VectorIndex.links`). One of
/// other vectors, or one that is damaged, is made anew.
struct GraphFile {
    /// Where it is.
    let path: String

    /// Where an index came from.
    enum Origin: Equatable {
        /// The file had its graph.
        case read
        /// It was made; why what was there is of no use, and why it could not be written.
        case made(unfit: String?, unwritten: String?)

        /// Tells of a file that is of no use, or that cannot be written.
        func log(_ source: String, _ logger: Logger) {
            guard case .made(let unfit, let unwritten) = self else { return }
            for (message, problem) in [
                ("graph is made anew", unfit), ("graph is not kept", unwritten),
            ] {
                guard let problem else { continue }
                logger.warning(
                    "\(message)",
                    metadata: ["source": .string(source), "error": .string(problem)]
                )
            }
        }
    }

    private static let magic = Array("motet graph 1\n".utf8)

    /// An index of vectors: by the graph of the file, or by one that is made and written.
    ///
    /// - Parameters:
    ///   - vectors: one after the other.
    ///   - dimension: how many numbers each has.
    ///   - method: how they are searched, by a graph.
    /// - Returns: the index, and where it came from.
    /// - Throws: `RetrievalError` for vectors that have no index.
    func index(
        _ vectors: [Float],
        dimension: Int,
        method: SearchMethod
    ) throws(RetrievalError) -> (VectorIndex, Origin) {
        let key = Self.key(vectors, dimension, method)
        var unfit: String?
        do {
            if let links = try links(key) {
                let index = try VectorIndex(
                    vectors,
                    dimension: dimension,
                    method: method,
                    links: links
                )
                return (index, .read)
            }
        } catch { unfit = "\(error)" }
        let index = try VectorIndex(vectors, dimension: dimension, method: method)
        do {
            try write(index.links, key)
            return (index, .made(unfit: unfit, unwritten: nil))
        } catch {
            return (index, .made(unfit: unfit, unwritten: "\(error)"))
        }
    }

    /// What a graph is a function of.
    private static func key(
        _ vectors: [Float],
        _ dimension: Int,
        _ method: SearchMethod
    ) -> [UInt64] {
        var hash = ContentHash()
        let graph = method.graph
        let settings = [dimension, graph?.links ?? 0, graph?.construction ?? 0].map(UInt64.init)
        (settings + [graph?.seed ?? 0]).withUnsafeBytes { hash.add($0) }
        vectors.withUnsafeBytes { hash.add($0) }
        return [hash.words.0, hash.words.1]
    }

    /// The words of the file; nil where there is none.
    ///
    /// - Throws: `ServingError` where it is another one, or damaged.
    private func links(_ key: [UInt64]) throws -> [UInt32]? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard
            let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        else { throw unfit("it cannot be read") }
        let head = Self.magic.count + 5 * 8
        guard data.count >= head, data.prefix(Self.magic.count).elementsEqual(Self.magic) else {
            throw unfit("it is no file of a graph")
        }
        return try data.withUnsafeBytes { bytes in
            let numbers = (0..<5).map { place in
                UInt64(
                    littleEndian: bytes.loadUnaligned(
                        fromByteOffset: Self.magic.count + 8 * place,
                        as: UInt64.self
                    )
                )
            }
            guard Array(numbers[..<2]) == key else {
                throw unfit("its graph is of other vectors or settings")
            }
            let rest = UnsafeRawBufferPointer(rebasing: bytes[head...])
            guard rest.count.isMultiple(of: 4), UInt64(rest.count / 4) == numbers[2],
                Self.hash(rest) == Array(numbers[3...])
            else { throw unfit("it is damaged") }
            return [UInt32](unsafeUninitializedCapacity: rest.count / 4) { buffer, written in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(from: rest)
                written = rest.count / 4
            }
        }
    }

    private func write(_ links: [UInt32], _ key: [UInt64]) throws {
        try links.withUnsafeBytes { words in
            let numbers = key + [UInt64(links.count)] + Self.hash(words)
            try AtomicFile.write(path) { sink in
                try Self.magic.withUnsafeBytes(sink)
                try numbers.map(\.littleEndian).withUnsafeBytes(sink)
                try sink(words)
            }
        }
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer) -> [UInt64] {
        var hash = ContentHash()
        hash.add(bytes)
        return [hash.words.0, hash.words.1]
    }

    private func unfit(_ problem: String) -> ServingError {
        ServingError(
            .recommendUnusable,
            "recommend, graph \"\(path)\": \(problem); expected what this server wrote for the same vectors. It is made anew."
        )
    }
}
