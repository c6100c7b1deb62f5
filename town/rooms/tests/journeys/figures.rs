//! How much rooms were taken, by what, month by month: on a page and as a spreadsheet.

use axum::http::StatusCode;
use beffroi_people::Role;

use crate::support::in_a_town;

const FIGURES: &str = "/agents/planning/chiffres";

#[test]
fn what_takes_a_room_is_counted_by_month_and_taken_along() {
    in_a_town(async |town| {
        let manager = town.agent(Role::Manager).await;
        let cookie = format!("beffroi={manager}");
        let fields = [
            ("idempotency_key", "0123456789abcdef0123456789abcdef"),
            ("jour", "2026-06-17"),
            ("de", "09:00"),
            ("a", "12:00"),
            ("pourquoi", "Bureau de vote"),
        ];
        let kept = town.post("/agents/planning/salle-brassens/bloquer", &cookie, &fields).await;
        assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
        // In June of 2026: 26 days of eleven hours, but for one of works.
        let page = town.get_as(&manager, &format!("{FIGURES}?de=2026-06&a=2026-06")).await;
        page.says("Salle Brassens").says("275\u{a0}h").says("3\u{a0}h").says("1\u{a0}%").says("juin 2026");
        let page =
            town.get_as(&manager, &format!("{FIGURES}?de=2026-05&a=2026-07&salle=salle-brassens")).await;
        page.says("mai 2026").says("juillet 2026").is_silent_about("Ensemble");
        for end in ["csv", "ods", "xlsx"] {
            let file = format!("{FIGURES}/chiffres.{end}?de=2026-06&a=2026-06");
            let request =
                axum::extract::Request::get(&file).header("host", "localhost").header("cookie", &cookie);
            let response = town.respond(request.body(axum::body::Body::empty()).unwrap()).await;
            assert_eq!(response.status(), StatusCode::OK, "{end}");
            let told = response.headers().get("content-disposition").unwrap().to_str().unwrap();
            assert_eq!(told, format!("attachment; filename=\"salles.{end}\""));
        }
        let table = town.get_as(&manager, &format!("{FIGURES}/chiffres.csv?de=2026-06&a=2026-06")).await;
        table.says("Salle Brassens;2026-06;275;3;1;0;0;3;0;0;");
        assert_eq!(
            town.get_as(&manager, &format!("{FIGURES}/chiffres.exe")).await.status,
            StatusCode::NOT_FOUND
        );
        let auditor = town.agent(Role::JournalReader).await;
        assert_eq!(town.get_as(&auditor, FIGURES).await.status, StatusCode::NOT_FOUND);
        assert_eq!(town.get(FIGURES).await.status, StatusCode::SEE_OTHER);
    });
}
