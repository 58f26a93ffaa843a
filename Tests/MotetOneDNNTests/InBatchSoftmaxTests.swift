import MotetCore
import MotetGraph
import MotetOneDNN
import MotetTestSupport
import Testing

@Suite("Softmax over the items of a batch") struct InBatchSoftmaxTests {
    /// Every sum has one order: blocks of fixed size, added by their places.
    @Test func resultsDoNotDependOnTheNumberOfThreads() throws {
        let operationCase = try #require(
            OperationCase.all.first { $0.name.contains("several tiles") }
        )
        let before = OneDNNBackend.threadCount
        defer { OneDNNBackend.useThreads(before) }
        let results = try [1, 2, 3].map { count in
            OneDNNBackend.useThreads(count)
            return try operationCase.results(on: OneDNNBackend())
        }
        for received in results.dropFirst() {
            let comparisons = compareResults(
                operationCase,
                expected: results[0],
                received: received,
                tolerance: .exact
            )
            #expect(comparisons.count >= 5)
            for comparison in comparisons { #expect(comparison.isClose, "\(comparison)") }
        }
    }
}
