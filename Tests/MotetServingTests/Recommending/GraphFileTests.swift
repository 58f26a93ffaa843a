import Foundation
import Motet
import Testing

@testable import MotetServing

@Suite("File of a graph") struct GraphFileTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "/motet-graph-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private static let dimension = 3
    private static let method = Result { try SearchMethod.graph(links: 4, seed: 3) }

    private static func vectors(_ seed: UInt64) -> [Float] {
        var random = RandomKey(seed: seed).generator()
        return (0..<300).map { _ in Float(random.nextUniform() * 2 - 1) }
    }

    private func read(
        _ vectors: [Float],
        _ method: SearchMethod? = nil,
        at name: String = "items.graph"
    ) throws -> (index: VectorIndex, origin: GraphFile.Origin) {
        try GraphFile(path: folder + "/" + name).index(
            vectors,
            dimension: Self.dimension,
            method: method ?? Self.method.get()
        )
    }

    /// Why what was there is of no use, without the sentence's frame.
    private func problem(_ origin: GraphFile.Origin) -> String? {
        guard case .made(let unfit?, nil) = origin else { return nil }
        let start = "recommend, graph \"\(folder)/items.graph\": "
        let end = "; expected what this server wrote for the same vectors. It is made anew."
        guard unfit.hasPrefix(start), unfit.hasSuffix(end) else { return unfit }
        return String(unfit.dropFirst(start.count).dropLast(end.count))
    }

    @Test func aGraphIsMadeOnceAndReadAfterwards() throws {
        let vectors = Self.vectors(1)
        let first = try read(vectors)
        #expect(first.origin == .made(unfit: nil, unwritten: nil))
        let second = try read(vectors)
        #expect(second.origin == .read)
        #expect(second.index.links == first.index.links)
        // How many candidates a search looks at is no matter of the graph.
        #expect(try read(vectors, .graph(links: 4, search: 7, seed: 3)).origin == .read)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["items.graph"])
    }

    @Test func oneOfOtherVectorsOrSettingsIsMadeAnew() throws {
        let other = "its graph is of other vectors or settings"
        _ = try read(Self.vectors(1))
        let changed = try read(Self.vectors(2))
        #expect(problem(changed.origin) == other)
        let built = try VectorIndex(
            Self.vectors(2),
            dimension: Self.dimension,
            method: Self.method.get()
        )
        #expect(changed.index.links == built.links)
        #expect(try read(Self.vectors(2)).origin == .read)
        for method in [
            try SearchMethod.graph(links: 5, seed: 3), try .graph(links: 4, seed: 4),
            try .graph(links: 4, construction: 20, seed: 3),
        ] {
            #expect(problem(try read(Self.vectors(2), method).origin) == other)
            #expect(try read(Self.vectors(2), method).origin == .read)
        }
    }

    @Test func aDamagedFileIsMadeAnew() throws {
        let path = folder + "/items.graph"
        let vectors = Self.vectors(1)
        let links = try read(vectors).index.links
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        var found: Set<String> = []
        func damage(_ data: Data) throws {
            try data.write(to: URL(fileURLWithPath: path))
            let again = try read(vectors)
            let told = try #require(problem(again.origin))
            found.insert(told)
            #expect(again.index.links == links)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole)
        }
        for place in stride(from: 0, to: whole.count, by: 7) {
            var data = whole
            data[place] ^= 0x10
            try damage(data)
        }
        for count in [0, 1, 13, 52, 53, 60, whole.count - 4, whole.count - 1] {
            try damage(whole.prefix(count))
        }
        try damage(whole + Data([0, 0, 0, 0]))
        #expect(
            found == [
                "it is no file of a graph", "its graph is of other vectors or settings",
                "it is damaged",
            ]
        )
    }

    @Test func aFileThatCannotBeWrittenKeepsNobodyFromSearching() throws {
        try Data().write(to: URL(fileURLWithPath: folder + "/file"))
        let made = try read(Self.vectors(1), at: "file/items.graph")
        guard case .made(unfit: nil, unwritten: let problem?) = made.origin else {
            Issue.record("\(made.origin)")
            return
        }
        #expect(problem.contains("file"))
        #expect(try made.index.nearest(to: [1, 0, 0], limit: 3).count == 3)
    }
}
