import ArgumentParser
import Motet

/// `motet embed`.
struct EmbedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed",
        abstract: "Embed a column of texts with a pretrained encoder.",
        discussion: """
            The output has one row for each row of the input, in its order: the columns to keep, then \
            embedding_0, embedding_1, ... A text that was embedded before with the same encoder is not \
            computed again. Ctrl-C leaves no file, and keeps in the cache what was computed.

              motet data fetch minilm_encoder --output data/encoder
              motet embed --encoder data/encoder --text title --input a.csv --output b.csv
            """
    )

    @Option(help: "The folder of the encoder: config.json, vocab.txt, model.safetensors.")
    var encoder: String

    @Option(help: "The column of the texts.")
    var text: String

    @Option(parsing: .upToNextOption, help: "The files to read.")
    var input: [String]

    @Option(help: "The file to write: .csv, .tsv, .parquet, .arrow or .feather.")
    var output: String

    @Option(
        parsing: .upToNextOption,
        help: "The columns to write beside the vectors. Default: all of the input."
    )
    var keep: [String] = []

    @Option(
        help: "The most word pieces of a text; longer ones are cut off. Default: the encoder's."
    )
    var maximumLength: Int?

    @Option(help: "The folder that keeps vectors between runs.")
    var cache: String = ".motet-cache/embeddings"

    @Flag(help: "Keep no vectors between runs.")
    var noCache = false

    @Option(help: "How many threads compute.")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError(
                "'--threads' is out of range; expected from 1 to 1024; received \(threads)."
            )
        }
    }

    func run() throws {
        Interruption.watch()
        if let threads { OneDNNBackend.useThreads(threads) }
        var job = TableEmbedding(source: TableSource(input), textColumn: text, output: output)
        job.kept = keep.isEmpty ? nil : keep
        job.maximumLength = maximumLength
        job.cacheFolder = noCache ? nil : cache
        let loaded = try PretrainedEncoder(folder: encoder)
        let progress = EmbeddingProgress()
        let report = try job.run(
            loaded,
            backend: OneDNNBackend(),
            isStopped: { Interruption.isRequested },
            progress: progress.show
        )
        progress.finish()
        guard !report.isStopped else {
            TerminalOutput.standardError.write(
                "stopped: nothing was written to \(output)"
                    + (noCache ? ".\n" : "; what was computed is kept in \(cache).\n")
            )
            throw ExitStatus.interrupted
        }
        for line in lines(report, loaded) { print(line) }
    }

    private func lines(_ report: TableEmbedding.Report, _ encoder: PretrainedEncoder) -> [String] {
        var lines: [String] = []
        if report.empty > 0 {
            let rows = report.empty == 1 ? "1 row" : "\(report.empty) rows"
            lines.append("\(text): \(rows) without a text got the empty text's vector")
        }
        if report.truncated > 0 {
            let limit = maximumLength ?? encoder.maximumLength
            let texts = report.truncated == 1 ? "1 text" : "\(report.truncated) texts"
            lines.append("\(text): \(texts) cut off after \(limit) pieces")
        }
        lines.append(
            "\(report.rows) rows with \(encoder.configuration.width) numbers written to \(output); "
                + "\(report.computed) texts computed, the others known"
        )
        return lines
    }
}

/// Shows how many rows are done.
private final class EmbeddingProgress {
    private var bar: ProgressBar?

    func show(_ done: Int, _ total: Int) {
        if bar == nil { bar = ProgressBar("embedding", total: total) }
        bar?.update(done: done)
    }

    func finish() { bar?.finish() }
}
