import Foundation
import MotetCore
import MotetData
import MotetEncoders
import MotetOneDNN
import MotetTestSupport
import Testing

@Suite("Embedding a table") struct TableEmbeddingTests {
    /// A folder with a table of texts, and an encoder.
    private final class Place {
        let tiny: TinyEncoder
        let encoder: PretrainedEncoder
        let folder: String

        init(_ table: String) throws {
            tiny = try TinyEncoder()
            encoder = try tiny.load()
            folder = tiny.folder
            try tiny.write("items.csv", Data(table.utf8))
        }

        func job(_ output: String = "out.csv") -> TableEmbedding {
            var job = TableEmbedding(
                source: TableSource(folder + "/items.csv"),
                textColumn: "title",
                output: folder + "/" + output
            )
            job.cacheFolder = folder + "/cache"
            return job
        }

        func run(
            _ job: TableEmbedding,
            isStopped: () -> Bool = { false }
        ) throws -> TableEmbedding.Report {
            try job.run(encoder, backend: OneDNNBackend(), isStopped: isStopped)
        }

        /// The rows of an output: kept columns as texts, and the vectors.
        func read(
            _ output: String = "out.csv"
        ) throws -> (names: [String], rows: [[String?]], vectors: [Float]) {
            let reader = try TableReader(TableSource(folder + "/" + output))
            let names = reader.schema.map(\.name)
            let others = names.filter { !$0.hasPrefix("embedding_") }
            var rows: [[String?]] = []
            var vectors: [Float] = []
            let texts = try TableReader(
                TableSource(folder + "/" + output),
                columns: names.map { name in
                    ColumnRequest(name, type: others.contains(name) ? .string : .float32)
                }
            )
            while let batch = try texts.next() {
                for row in 0..<batch.rowCount {
                    rows.append(try others.map { try batch.column($0).text(at: row) })
                    for unit in 0..<12 {
                        let column = try batch.column("embedding_\(unit)")
                        vectors.append(column.withValues(of: Float.self) { $0[row] })
                    }
                }
            }
            return (names, rows, vectors)
        }

        var names: [String] {
            ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        }
    }

    private static let table = """
        id,title,price
        7,The great camera!,1.5
        8,red heart T-light,2.5
        9,,3.5
        10,The great camera!,
        11,don't,0.25

        """

    @Test(arguments: ["out.csv", "out.parquet"])
    func rowsKeepTheirOrderAndTheirColumns(output: String) throws {
        let place = try Place(Self.table)
        let report = try place.run(place.job(output))
        #expect(report.rows == 5)
        #expect(report.empty == 1)
        #expect(report.truncated == 0)
        #expect(report.computed == 4)
        let read = try place.read(output)
        #expect(read.names == ["id", "title", "price"] + (0..<12).map { "embedding_\($0)" })
        #expect(read.rows.map { $0[0] } == ["7", "8", "9", "10", "11"])
        #expect(read.rows[1][1] == "red heart T-light")
        let expected = try place.tiny.tensor("vectors").floats
        func vector(_ values: [Float], _ row: Int) -> [Float] {
            Array(values[row * 12..<(row + 1) * 12])
        }
        // The rows' texts stand at these places of the golden file.
        for (row, golden) in [1, 3, 0, 1, 4].enumerated() {
            let comparison = Comparison(
                "row \(row)",
                received: Tensor(vector(read.vectors, row)),
                expected: Tensor(vector(expected, golden)),
                tolerance: Tolerance(relative: 1e-4, absolute: 1e-5)
            )
            #expect(comparison.isClose, "\(comparison)")
        }
    }

    @Test func aTextIsNotComputedTwice() throws {
        let place = try Place(Self.table)
        #expect(try place.run(place.job()).computed == 4)
        let first = try place.read().vectors
        #expect(try place.run(place.job("second.csv")).computed == 0)
        #expect(try place.read("second.csv").vectors == first)
        var other = place.job("third.csv")
        other.cacheFolder = nil
        #expect(try place.run(other).computed == 4)
    }

    @Test(arguments: [1, 30, 60])
    func aCacheThatWasCutOffLosesOneTextOnly(bytes: Int) throws {
        let place = try Place(Self.table)
        _ = try place.run(place.job())
        let path = place.folder + "/cache/\(place.encoder.identity).embeddings"
        let contents = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(contents.count == 4 * (24 + 48))
        try contents.dropLast(bytes).write(to: URL(fileURLWithPath: path))
        #expect(try place.run(place.job()).computed == 1)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == contents.count)
        #expect(try place.run(place.job()).computed == 0)
    }

    @Test(arguments: [3, 20, 70])
    func aDamagedRecordIsComputedAnew(byte: Int) throws {
        let place = try Place(Self.table)
        _ = try place.run(place.job())
        let first = try place.read().vectors
        let path = place.folder + "/cache/\(place.encoder.identity).embeddings"
        var contents = try Data(contentsOf: URL(fileURLWithPath: path))
        contents[72 + byte] ^= 1
        try contents.write(to: URL(fileURLWithPath: path))
        #expect(try place.run(place.job()).computed == 1)
        #expect(try place.read().vectors == first)
        #expect(try place.run(place.job()).computed == 0)
    }

    @Test func aStoppedRunLeavesNoFileAndKeepsWhatItComputed() throws {
        let place = try Place(Self.table)
        let report = try place.run(place.job()) { true }
        #expect(report.isStopped)
        #expect(!place.names.contains { $0.hasPrefix("out") })
        #expect(try place.run(place.job()).computed == 0)
    }

    @Test func textsThatAreTooLongAreCounted() throws {
        let place = try Place(Self.table)
        var job = place.job()
        job.maximumLength = 4
        job.kept = []
        let report = try place.run(job)
        #expect(report.truncated == 4)
        #expect(try place.read().names == (0..<12).map { "embedding_\($0)" })
    }

    @Test func mistakesAreSentences() throws {
        let place = try Place(Self.table)
        func sentence(_ change: (inout TableEmbedding) -> Void) -> String {
            var job = place.job()
            change(&job)
            do {
                _ = try place.run(job)
                return ""
            } catch { return "\(error)".replacing(place.folder, with: "DIR") }
        }
        #expect(
            sentence { $0.textColumn = "titel" }
                == "table \"DIR/items.csv\": there is no column \"titel\"; expected one of id, title, price. Did you mean `title`?"
        )
        #expect(
            sentence { $0.maximumLength = 25 }
                == "embedding: the maximum length is out of range; expected from 2 to 24, the positions of the encoder; received 25."
        )
        #expect(sentence { $0.output = "out.txt" }.contains("format is unknown"))
        #expect(sentence { $0.source = TableSource("DIR/none.csv") }.contains("none.csv"))
        #expect(!place.names.contains { $0.hasPrefix("out") })
    }
}
