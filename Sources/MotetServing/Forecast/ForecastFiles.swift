import Foundation
import MotetForecasting
import MotetTraining

/// The files of forecasts and of what was sold; one server has the folder.
///
/// `forecasts-2853.json` holds what was forecast from an origin, `sold.json` what was counted and reported. Each is written whole
/// under another name, and renamed.
struct ForecastFiles: Sendable {
    private let folder: String
    private let lock: Int32

    /// Takes a folder, and makes it where there is none.
    init(_ folder: String) throws(ServingError) {
        self.folder = folder
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch { throw Self.failure("cannot be made", folder, "\(error)") }
        lock = Foundation.open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw Self.failure("cannot be opened", folder) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let failure = Self.failure("is used by another process", folder)
            Foundation.close(lock)
            throw failure
        }
    }

    /// Ends the use of the folder.
    func close() {
        flock(lock, LOCK_UN)
        Foundation.close(lock)
    }

    /// Reads what is there.
    ///
    /// - Parameter period: how long a period of the history is.
    /// - Returns: the forecasts, and what was sold.
    /// - Throws: `ServingError` for a file that does not read, or of other periods.
    func read(_ period: SalesPeriod) throws(ServingError) -> ([KeptForecasts], SoldUnits) {
        do throws(ServingError) {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            var kept: [KeptForecasts] = []
            for name in names.sorted() where name.hasPrefix("forecasts-") && name.hasSuffix(".json")
            {
                let forecasts = try decoded(KeptForecasts.self, name)
                guard forecasts.period == period else {
                    throw ServingError(
                        .forecastUnusable,
                        "forecast.outcomes: \(folder)/\(name) is of forecasts by the \(forecasts.period.rawValue); expected "
                            + "those of the history, by the \(period.rawValue). Name another folder."
                    )
                }
                kept.append(forecasts)
            }
            let hasSold = names.contains("sold.json")
            return (kept, hasSold ? try decoded(SoldUnits.self, "sold.json") : SoldUnits())
        } catch {
            close()
            throw error
        }
    }

    private func decoded<Value: Decodable>(
        _ type: Value.Type,
        _ name: String
    ) throws(ServingError) -> Value {
        guard let data = FileManager.default.contents(atPath: folder + "/" + name) else {
            throw Self.failure("has a file \(name) that cannot be read", folder)
        }
        do { return try JSONDecoder().decode(type, from: data) } catch {
            throw ServingError(
                .forecastUnusable,
                "forecast.outcomes: \(folder)/\(name) does not read; expected what this server wrote; received other bytes. Take "
                    + "the folder from a backup, or begin a new one."
            )
        }
    }

    /// Writes forecasts, in place of those of the same origin.
    func write(_ forecasts: KeptForecasts) throws(ServingError) {
        try write(forecasts, Self.name(forecasts.origin))
    }

    /// Writes what was sold.
    func write(_ sold: SoldUnits) throws(ServingError) { try write(sold, "sold.json") }

    /// Removes the forecasts of some origins.
    func remove(_ origins: Set<Int>) {
        for origin in origins { unlink(folder + "/" + Self.name(origin)) }
    }

    private static func name(_ origin: Int) -> String { "forecasts-\(origin).json" }

    private func write(_ value: some Encodable, _ name: String) throws(ServingError) {
        do {
            let data = try JSONEncoder().encode(value)
            try AtomicFile.write(folder + "/" + name) { sink in
                try data.withUnsafeBytes { try sink($0) }
            }
        } catch { throw Self.failure("cannot be written", folder, "\(error)") }
    }

    private static func failure(
        _ problem: String,
        _ folder: String,
        _ reason: String = String(cString: strerror(errno))
    ) -> ServingError {
        ServingError(
            .forecastUnusable,
            "forecast.outcomes: the folder \(folder) \(problem); expected one of its own on a disk with room; received \"\(reason)\"."
        )
    }
}
