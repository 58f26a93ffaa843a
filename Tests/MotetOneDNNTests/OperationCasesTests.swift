import MotetGraph
import MotetOneDNN
import MotetReference
import MotetTestSupport
import Testing

@Suite("oneDNN against the reference") struct OperationCasesTests {
    @Test(arguments: OperationCase.all)
    func resultsGradientsAndStatesAgree(operationCase: OperationCase) throws {
        let comparisons = try compareBackends(operationCase, ReferenceBackend(), OneDNNBackend())
        #expect(!comparisons.isEmpty)
        for comparison in comparisons { #expect(comparison.isClose, "\(comparison)") }
    }

    /// Two executables of one graph give the same bits.
    @Test(arguments: OperationCase.all)
    func runsAreRepeatable(operationCase: OperationCase) throws {
        let backend = OneDNNBackend()
        let first = try operationCase.results(on: backend)
        let second = try operationCase.results(on: backend)
        for comparison in compareResults(
            operationCase,
            expected: first,
            received: second,
            tolerance: .exact
        ) {
            #expect(comparison.isClose, "\(comparison)")
        }
    }
}
