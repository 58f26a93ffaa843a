import Logging
import ServiceLifecycle

/// Saves now and then what was sold of series that were forecast, and finds what came of the forecasts.
struct ForecastSaver: Service {
    let store: ForecastStore
    let logger: Logger

    /// How many seconds lie between two times: what an end without warning loses at most.
    static let seconds = 60

    func run() async throws {
        await cancelWhenGracefulShutdown { await save() }
    }

    private func save() async {
        while true {
            do { try await Task.sleep(for: .seconds(Self.seconds)) } catch { return }
            store.outcomes.find(store)
            do { try store.outcomes.save() } catch {
                logger.error("sales not saved", metadata: ["error": .string("\(error)")])
            }
        }
    }
}
